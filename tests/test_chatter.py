"""What TensorFlow says at its start is left out, everything else isn't."""

import os

import pytest

from optisearch.chatter import is_chatter, without_chatter

CHATTER = [
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
    "I0000 00:00:1795228831.102989    4666 port.cc:153] oneDNN custom operations are on.",
    "E0000 00:00:1795233505.964707    6688 cuda_platform.cc:52] failed call to cuInit: INTERNAL",
    "2026-11-21 03:32:21.207000: I tensorflow/core/platform/cpu_feature_guard.cc:210] This",
]
WORDS = ["downloading mnist.npz: 40 %", "Error: no", "Information", "E0001 something of one's own"]


@pytest.mark.parametrize("line", CHATTER)
def test_chatter(line: str) -> None:
    assert is_chatter(line)


@pytest.mark.parametrize("line", WORDS)
def test_words(line: str) -> None:
    assert not is_chatter(line)


def test_standard_error_without_it(capfd: pytest.CaptureFixture[str]) -> None:
    with without_chatter():
        for line in (*CHATTER, *WORDS):
            os.write(2, f"{line}\n".encode())
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err.splitlines() == [*WORDS, "afterwards"]
