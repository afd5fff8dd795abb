"""Many begin at the same moment, and some who don't belong."""

import re

import pytest

from .fleet import codes
from .kinds import on

pytestmark = pytest.mark.processes


@pytest.fixture
def at_once(fleet, until):
    """Starts commands that all wait, their study loaded, until the last one is there."""

    def start(place, how_many, begin, **what):
        fleet_ = fleet(place, **what)
        barrier = fleet_.home.folder.parent / "barrier"
        started = [
            getattr(fleet_, begin[0])(*begin[1:], env={"FAULT_BARRIER": str(barrier)})
            for _ in range(how_many)
        ]
        until(
            lambda: len(list(barrier.parent.glob("barrier-*"))) >= how_many, "all are at the start"
        )
        barrier.touch()
        return fleet_, started

    return start


@on("sqlite", also=("postgresql", "mariadb"))
def test_two_runs_on_an_empty_database(at_once, place):
    """Both end well, and together they train what each was asked for."""
    fleet, runs = at_once(place, 2, ("run", 1), trials=10, seconds=0.1, epochs=2)
    assert codes(runs) == [0, 0]
    assert fleet.check_complete() == []
    assert fleet.stored.studies() == ["logged/search"]


@on("postgresql", also=("sqlite", "mariadb"))
def test_sixteen_workers_on_an_empty_database(at_once, place):
    fleet, workers = at_once(place, 16, ("work",), trials=32, seconds=0.5, epochs=2)
    assert codes(workers) == [0] * 16
    assert fleet.check_complete() == []
    assert fleet.stored.studies() == ["logged/search"]
    assert len({line.pid for line in fleet.lines()}) > 4


@on("sqlite")
class TestWhoDoesntBelong:
    """Whoever joins with something else is refused, told what differs, and changes nothing."""

    @pytest.fixture
    def trained(self, fleet, place):
        fleet = fleet(place, trials=2, seconds=0)
        assert codes([fleet.work()]) == [0]
        return fleet

    @pytest.fixture
    def refused(self, trained):
        def check(*words, env=None):
            before = trained.stored.dump()
            result = trained.work(env=env).wait()
            assert result.code == 2
            assert "Traceback" not in result.err
            for word in words:
                assert word in result.err
            assert trained.stored.dump() == before

        return check

    def change(self, fleet, before, after):
        path = fleet.home.folder / fleet.file
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))

    def test_another_space(self, trained, refused):
        self.change(trained, "real(-5.0, 5.0, baseline=0.0)", "real(-4.0, 5.0, baseline=1.0)")
        refused("x", "-5", "-4")

    def test_other_code(self, trained, refused):
        self.change(trained, "hp.x**2 + 1", "hp.x**2 + 2")
        refused("train")

    def test_other_data(self, trained, refused, home):
        text = (home.folder / trained.file).read_text()
        data = "import numpy as np\nfrom optisearch.data import Split\n\n"
        data += "HALF = np.arange({}.0), np.arange({}.0)\n"
        data += 'DATA = Split(train=HALF, validation=HALF, test=HALF, name="numbers")\n\n\nstudy = '
        with_data = text.replace("study = ", data.format(8, 8)).replace(
            "Study(name=", "Study(data=DATA, name="
        )
        (home.folder / trained.file).write_text(with_data)
        trained.stored.path.unlink()
        assert codes([trained.work()]) == [0]
        (home.folder / trained.file).write_text(with_data.replace("8.0", "9.0"))
        refused("data")

    def test_another_keras(self, trained, refused):
        other = {"FAULT_VERSIONS": '{"keras": "2.1.0"}'}
        refused("keras", "2.1.0", env=other)
        allowed = trained.work("--allow-versions", env=other).wait()
        assert allowed.code == 0, allowed

    def test_another_patch_of_keras_belongs(self, trained):
        from importlib.metadata import version

        patched = re.sub(r"\d+$", "99", version("keras"))
        assert codes([trained.work(env={"FAULT_VERSIONS": f'{{"keras": "{patched}"}}'})]) == [0]
