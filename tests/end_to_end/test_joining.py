"""Workers that join a study from elsewhere: another folder, another file, other libraries."""

import shutil

import pytest

pytestmark = pytest.mark.processes

PARABOLA = "parabola/search"


@pytest.fixture
def begun(home):
    """A study of two trained trials; the line that works on it from another folder."""
    file = home.study("parabola")
    words = ("work", file, "--storage", "sqlite:///r.db")
    assert home.run(*words, "--trials", "2").code == 0
    shutil.copytree(home.folder, home.folder / "elsewhere")
    return ("work", f"elsewhere/{file}", "--storage", "sqlite:///r.db", "--trials", "4")


@pytest.fixture
def another_keras(home):
    """The environment of a machine with another Keras, TensorFlow's patch and NumPy."""
    site = home.folder.parent / "site"
    for name, version in {"keras": "9.8.7", "numpy": "9.0.0"}.items():
        information = site / f"{name}-{version}.dist-info"
        information.mkdir(parents=True)
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (information / "METADATA").write_text(text)
    return {"PYTHONPATH": str(site)}


class TestAWorker:
    def test_joins_with_a_copy_of_the_file(self, home, begun):
        assert home.run(*begun).code == 0
        assert home.stored().trained == 4

    def test_with_another_file_is_refused_with_the_differences(self, home, begun, refused):
        copy = home.folder / "elsewhere" / "parabola.py"
        copy.write_text(copy.read_text().replace("integer(1, 3,", "integer(1, 5,"))
        before = home.stored().dump()
        refused(
            home.run(*begun),
            f"{PARABOLA} is stored there already, with results, and differs from this study",
            "Join it with the file, data and options that it was begun with",
            "\n  epochs high: stored 3, given 5",
        )
        assert home.stored().dump() == before

    def test_with_other_libraries_is_refused_with_the_differences(
        self, home, begun, another_keras, refused
    ):
        before = home.stored().dump()
        result = home.run(*begun, env=another_keras)
        refused(
            result,
            f"{PARABOLA} was begun with other versions of the libraries",
            "--allow-versions",
            "\n  keras version: stored ",
            "given 9.8.7",
        )
        assert "numpy" not in result.err
        assert home.stored().dump() == before

    @pytest.mark.parametrize("command", ["work", "run"])
    def test_with_other_libraries_joins_where_it_may(self, home, begun, another_keras, command):
        words = (command, *begun[1:], "--allow-versions")
        result = home.run(*words, env=another_keras)
        assert result.code == 0
        assert "keras 9.8.7, numpy 9.0.0" in result.out
        trials = home.stored().load(PARABOLA).trials
        assert [trial.user_attrs.get("versions") for trial in trials] == [
            *(None, None),
            *("keras 9.8.7, numpy 9.0.0",) * 2,
        ]


class TestAMemoryLimit:
    def test_ends_a_worker_after_its_trial_with_work_left(self, home, begun):
        codes = [home.run(*begun, "--memory-limit", "1MiB").code for _ in range(3)]
        assert codes == [75, 75, 0]
        assert home.stored().trained == 4

    def test_that_a_worker_keeps_to_changes_nothing(self, home, begun):
        assert home.run(*begun, "--memory-limit", "64GiB").code == 0
        assert home.stored().trained == 4

    def test_makes_a_run_start_successors(self, home, begun):
        words = ("run", *begun[1:], "--workers", "2", "--memory-limit", "1MiB")
        assert home.run(*words).code == 0
        assert home.stored().trained == 4
