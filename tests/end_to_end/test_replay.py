"""Trials that were searched by several workers are trained again: the same to the last digit."""

import re

import pytest

from .test_resume import EACH_EPOCH, EPOCHS, HELD, WORDS, held

pytestmark = [pytest.mark.keras, pytest.mark.processes]

STORAGE = ("--storage", "sqlite:///r.db")


def test_trials_of_two_workers(home, refused):
    file = home.study("tiny_digits")
    assert home.run("run", file, *STORAGE, "--trials", "4", "--workers", "2").code == 0
    trials = home.stored().load("tiny/search").trials
    before = home.stored().dump()
    for number in (0, 3):
        result = home.run("replay", "tiny", "--trial", str(number), *STORAGE)
        assert result.code == 0, result
        assert result.out.startswith("The same to the last digit: ")
        assert f"{trials[number].intermediate_values[11]!r}" in result.out
        assert not re.search("differs|unknown|Not monitored", result.out)
        assert not result.err
    assert home.stored().dump() == before

    text = (home.folder / file).read_text()
    home.write(file, text.replace("layers.Flatten(),", "layers.Flatten(), layers.Dropout(0.1),"))
    result = home.run("replay", "tiny/search", "--trial", "0", *STORAGE)
    assert result.code == 1
    assert result.out.startswith("Different")
    assert "code of build: stored another version, given this version" in result.out
    assert "after epoch" not in result.out

    refused(home.run("replay", "tiny", "--trial", "9", *STORAGE), "there is no trial 9")
    refused(home.run("replay", "tony", "--trial", "0", *STORAGE), "Did you mean tiny")
    (home.folder / file).unlink()
    refused(home.run("replay", "tiny", "--trial", "0", *STORAGE), "tiny_digits.py", "--file FILE")


def test_a_trial_that_went_on_from_a_checkpoint(home):
    words = ("work", home.study("resumed"), *WORDS)
    held(home, words, EACH_EPOCH).kill_all()
    (home.folder / "hold").unlink()
    assert home.run(*words, env=EACH_EPOCH).code == 0
    (home.folder / "begun").unlink()
    result = home.run("replay", "resumed", "--trial", "1", *STORAGE)
    assert result.code == 0
    assert f"after {EPOCHS} epochs, and after each of them" in result.out
    begun = (home.folder / "begun").read_text().split()
    assert begun == [str(epoch) for epoch in range(EPOCHS)]
    assert HELD < EPOCHS  # it was in two parts
