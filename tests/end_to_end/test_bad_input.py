"""Bad input, first part: study files, definitions, options, names and studies that differ.

Each ends in one paragraph that says what, where and what to do, in exit code 2, and leaves nothing
behind. `test_bad_storage` has the databases, `test_bad_build` the models.
"""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

STORAGE = ("--storage", "sqlite:///r.db")
COMMANDS = pytest.mark.parametrize(
    "command", [("run", *STORAGE), ("work", *STORAGE), ("check",)], ids=lambda words: words[0]
)
HEAD = """\
from dataclasses import dataclass

from optisearch import Study, choice, integer, real


@dataclass(frozen=True)
class Space:
    x: float = real(0.0, 1.0, baseline=0.5)


def train(hp, data, run):
    run.report(0, {"loss": hp.x})


"""
STUDY = 'Study(name="mine", space=Space, train=train, minimize="loss")\n'


class TestStudyFile:
    @COMMANDS
    def test_missing(self, home, refused, command):
        home.write("studies/mnist.py", HEAD)
        before = home.files()
        result = home.run(*command, "studies/mnst.py")
        refused(result, "studies/mnst.py: there is no such file", "Did you mean studies/mnist.py?")
        assert home.files() == before

    def test_missing_with_its_folder(self, home, refused):
        result = home.run("run", "nowhere/mine.py", *STORAGE)
        refused(result, "nowhere/mine.py", "The folder nowhere doesn't exist either")
        assert not home.files()

    @COMMANDS
    def test_folder(self, home, refused, command):
        home.write("studies/mine.py", HEAD)
        before = home.files()
        refused(home.run(*command, "studies"), "studies: this is a folder", "Name a study file")
        assert home.files() == before

    @COMMANDS
    def test_syntax_error(self, home, refused, command):
        file = home.write("mine.py", HEAD + 'study = Study(name="mine",, space=Space)\n')
        before = home.files()
        result = home.run(*command, file)
        refused(result, "mine.py:15: syntax error", "Correct the line", 'name="mine",,')
        assert home.files() == before

    @pytest.mark.parametrize(
        "content",
        [b"\x80\x81 is no text", b"text = '\0'\n", b"\xff\xfe#\x00"],
        ids=["no-utf8", "null", "utf16"],
    )
    def test_no_python_text(self, home, refused, content):
        (home.folder / "mine.py").write_bytes(content)
        before = home.files()
        refused(home.run("run", "mine.py", *STORAGE), "mine.py")
        assert home.files() == before

    @COMMANDS
    def test_raises_on_import(self, home, refused, command):
        home.write("layers.py", "def size(name):\n    return {'small': 1}[name]\n")
        file = home.write("mine.py", f"import layers\n{HEAD}width = layers.size('large')\n")
        before = home.files()
        result = home.run(*command, file)
        refused(result, "mine.py: the file raises when it is imported", "Correct it", frames=True)
        shown = [line for line in result.err.splitlines() if "File " in line]
        assert [Path(line.split('"')[1]).name for line in shown] == ["mine.py", "layers.py"]
        assert result.err.rstrip().endswith("KeyError: 'large'")
        assert home.files() == before

    @pytest.mark.parametrize(
        ("line", "error"),
        [
            ("import nosuchpackage", "ModuleNotFoundError: No module named 'nosuchpackage'"),
            ("raise SystemExit(0)", "SystemExit: 0"),
            ("import json; json.loads('{')", "json.decoder.JSONDecodeError"),
            ("class Odd(Exception):\n    __str__ = None\nraise Odd", "Odd"),
        ],
        ids=["import", "exit", "library", "unprintable"],
    )
    def test_raises_something_odd(self, home, refused, line, error):
        file = home.write("mine.py", f"{line}\n{HEAD}study = {STUDY}")
        before = home.files()
        result = home.run("run", file, *STORAGE)
        refused(result, "mine.py: the file raises", error, frames=True)
        assert home.files() == before

    @COMMANDS
    def test_no_study(self, home, refused, command):
        file = home.write("mine.py", HEAD)
        before = home.files()
        refused(home.run(*command, file), "mine.py: it defines no study", "`study = Study(…)`")
        assert home.files() == before

    @COMMANDS
    def test_two_studies(self, home, refused, command):
        file = home.write("mine.py", f"{HEAD}first = {STUDY}second = {STUDY}")
        before = home.files()
        refused(home.run(*command, file), "mine.py: it defines first, second", "holds one study")
        assert home.files() == before

    def test_data_that_raise(self, home, refused):
        study = STUDY.replace("train=", "data=read, train=")
        file = home.write(
            "mine.py", f"{HEAD}def read():\n    open('images.npz')\n\n\nstudy = {study}"
        )
        before = home.files()
        result = home.run("run", file, *STORAGE)
        refused(result, "mine.py", "images.npz", frames=True)
        assert home.files() == before

    def test_data_that_are_none(self, home, refused):
        study = STUDY.replace("train=", "data=read, train=")
        file = home.write("mine.py", f"{HEAD}def read():\n    return [1, 2]\n\n\nstudy = {study}")
        before = home.files()
        refused(home.run("run", file, *STORAGE), "read() returned a list", "Split.cut(")
        assert home.files() == before


class TestDefinition:
    @COMMANDS
    def test_all_problems_together(self, home, refused, command):
        long = "w" * 513
        fields = f"""
    outside: float = real(1e-4, 1.0, baseline=2.0)
    far: int = integer(1, 10, baseline=5, levels=(5, 50))
    lonely: float = real(0.0, 1.0, baseline=0.5, when={{"nosuch": "a"}})
    hen: str = choice("a", "b", baseline="a", when={{"egg": "a"}})
    egg: str = choice("a", "b", baseline="a", when={{"hen": "a"}})
    empty: str = choice(baseline="a")
    twice: str = choice("a", "b", "a", baseline="a")
    swapped: int = integer(10, 1, baseline=5)
    seed: int = integer(1, 10, baseline=5)
    {long}: float = real(0.0, 1.0, baseline=0.5)
"""
        study = STUDY.replace('"mine"', '"mine/yours"').replace(', minimize="loss"', "")
        text = HEAD.replace("    x: float = real(0.0, 1.0, baseline=0.5)\n", fields)
        file = home.write("mine.py", f"{text}study = {study}")
        before = home.files()
        result = home.run(*command, file)
        refused(result, "mine.py: study 'mine/yours'", "the definition has ")
        problems = {
            "name": "'mine/yours' can't name studies and files; use",
            "outside": "baseline 2 lies outside the range 0.0001 … 1; move",
            "far": "level 50 lies outside the range 1 … 10; ",
            "lonely": "`when` names 'nosuch', which is no field of Space; use one of",
            "hen": "the conditions go round in a circle: hen → egg → hen; remove",
            "empty": "the choice is empty; name its options",
            "twice": "option 'a' is there twice; remove one",
            "swapped": "low 10 is above high 1; swap them",
            "seed": "the name is OptiSearch's own; choose",
            long: "the name has 513 characters; Optuna holds 512",
            "maximize": "neither `maximize` nor `minimize` is given; name the metric",
        }
        lines = result.err.splitlines()[1:]
        for field, problem in problems.items():
            assert any(line.startswith(f"  {field}: {problem}") for line in lines), field
        assert home.files() == before

    @pytest.mark.parametrize(
        ("old", "new", "problem"),
        [
            ('minimize="loss"', 'minimize="loss", maximize="loss"', "minimize: 'loss' is named 2"),
            ("train=train", "train=train, build=train", "build: `train` is given too"),
            (", train=train", "", "build: neither `build` nor `train` is given"),
            ("train=train", "build=train", "data: `build` needs data to train on"),
            ("space=Space", "space=dict", "space: <class 'dict'> is no dataclass"),
            ('"mine"', '"con.v1"', "name: 'con.v1' can't name studies and files"),
            ('"mine"', '"m" * 101', f"name: '{'m' * 101}' can't name studies and files"),
        ],
    )
    def test_what_excludes_one_another(self, home, refused, old, new, problem):
        file = home.write("mine.py", f"{HEAD}study = {STUDY.replace(old, new)}")
        before = home.files()
        result = home.run("run", file, *STORAGE)
        refused(result, "mine.py: study ", "the definition has ", f"\n  {problem.split(':')[0]}")
        assert problem in result.err
        assert home.files() == before


class TestOptions:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--trials", "0"), ("--trials", "0 is not in the range x>=1")),
            (("--trials", "-3"), ("--trials", "-3 is not in the range x>=1")),
            (("--trials", "many"), ("--trials", "'many' is not a valid integer")),
            (("--workers", "-1"), ("--workers", "-1 is not in the range x>=1")),
            (("--workers", "0"), ("--workers", "0 is not in the range x>=1")),
            (("--timeout", "soon"), ("--timeout", "'soon' is no length of time", "30m")),
            (("--timeout", "0"), ("--timeout", "'0' is no length of time", "30m")),
            (("--timeout", "-5m"), ("--timeout", "'-5m' is no length of time", "30m")),
            (("--patience", "0"), ("--patience", "0 is not in the range x>=1")),
            (("--seed", "-1"), ("--seed", "-1 is not in the range x>=0")),
            (("--trails", "5"), ("No such option", "--trails", "--trials")),
            (("again.py",), ("unexpected extra argument", "again.py")),
        ],
        ids=" ".join,
    )
    def test_run(self, home, refused, words, said):
        file = home.study("parabola")
        before = home.files()
        refused(home.run("run", file, *STORAGE, *words), "optisearch run: ", *said, "--help")
        assert home.files() == before

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--sampler", "tpee"), ("--sampler: there is no sampler 'tpee'", "mean tpe?")),
            (("--sampler", "magic"), ("--sampler: there is no sampler 'magic'", "random")),
            (("--pruner", "medium"), ("--pruner: there is no pruner 'medium'", "mean median?")),
            (("--train-samples", "10"), ("--train-samples: the study has no data", "Leave")),
        ],
        ids=" ".join,
    )
    def test_names_and_numbers_that_the_study_must_know(self, home, refused, words, said):
        file = home.study("parabola")
        refused(home.run("run", file, *STORAGE, *words), *said)
        assert not home.stored().studies()

    def test_work(self, home, refused):
        file = home.study("parabola")
        before = home.files()
        said = ("optisearch work: ", "--stage", "'serach' is not", "search")
        refused(home.run("work", file, *STORAGE, "--stage", "serach"), *said)
        refused(home.run("work", file, *STORAGE, "--trials", "0"), "--trials", "x>=1")
        assert home.files() == before

    @pytest.mark.parametrize("words", [(), ("run",), ("report",), ("fly",)], ids=str)
    def test_no_command_or_argument(self, home, words):
        result = home.run(*words)
        assert result.code == 2
        assert "Traceback" not in result.err
        assert not home.files()

    def test_new_touches_no_file_that_is_there(self, home, refused):
        file = home.write("mine.py", "mine = True\n")
        before = home.files()
        refused(home.run("new", file), "mine.py: the file is there already", "Name another one")
        refused(home.run("new", "no/mine.py"), "no/mine.py: the file can't be written", "folder")
        refused(home.run("new", "mine"), "mine: a study file's name ends in .py", "Use mine.py")
        assert home.files() == before


class TestMetric:
    def test_never_reported(self, home, refused):
        """By a study's own loop: known at the first report; no stage is left behind."""
        text = (home.folder / home.study("parabola")).read_text()
        file = home.write("parabola.py", text.replace('minimize="loss"', 'minimize="lost"'))
        result = home.run("run", file, *STORAGE)
        refused(result, "there is no metric 'lost'", "height, loss", "Name one of them")
        assert not home.stored().studies()

    def test_never_reported_by_a_worker_of_its_own(self, home, refused):
        text = (home.folder / home.study("parabola")).read_text()
        file = home.write("parabola.py", text.replace('minimize="loss"', 'minimize="lost"'))
        refused(home.run("work", file, *STORAGE), "there is no metric 'lost'", "height, loss")
        assert not home.stored().studies()


class TestStudyThatDiffers:
    @pytest.fixture
    def changed(self, home):
        """A changed study whose first version has results."""
        file = home.study("parabola")
        assert home.run("run", file, *STORAGE, "--trials", "3", "--workers", "1", "-q").code == 0
        text = (home.folder / file).read_text()
        for old, new in (
            (
                "x: float = real(-5.0, 5.0, baseline=0.0)",
                "x: float = real(-5.0, 9.0, baseline=2.0)",
            ),
            ("integer(1, 3, baseline=2)", "integer(1, 3, baseline=2, log=True)"),
            ('choice("round", "flat", baseline', 'choice("round", "edgy", baseline'),
            ("    y: float", "    z: float"),
            ("hp.y", "hp.z"),
        ):
            assert old in text
            text = text.replace(old, new)
        return home.write(file, text)

    @pytest.mark.parametrize("command", ["run", "work"])
    def test_is_refused_field_by_field(self, home, refused, changed, command):
        before = home.stored().dump()
        result = home.run(command, changed, *STORAGE, "--seed", "7")
        refused(result, "sqlite:///r.db: parabola/search is stored there already", "differs")
        for line in (
            "x high: stored 5.0, given 9.0",
            "x baseline: stored 0.0, given 2.0",
            "y: stored a factor, given nothing",
            "z: stored nothing, given a factor",
            "shape options: stored ['round', 'flat'], given ['round', 'edgy']",
            "epochs log: stored nothing, given True",
            "code of train: stored another version, given this version",
            "--seed: stored 0, given 7",
        ):
            assert f"\n  {line}\n" in result.err, line
        assert result.err.count("\n  ") == 8
        assert home.stored().dump() == before

    def test_both_ways_out_lead_out(self, home, changed):
        refusal = home.run("run", changed, *STORAGE).err
        text = (home.folder / changed).read_text()
        other = home.write("other.py", text.replace('name="parabola"', 'name="other"'))
        assert "another name" in refusal
        run = home.run("run", other, *STORAGE, "--trials", "2", "-q")
        assert run.code == 0
        assert home.stored().studies() == ["parabola/search", "other/search"]

        command = refusal.partition("delete the stored one: ")[2].partition("\n")[0]
        words = shlex.split(command.rstrip("."))
        assert words[:2] == ["optuna", "delete-study"]
        optuna = [str(Path(sys.executable).parent / "optuna"), *words[1:]]
        subprocess.run(optuna, cwd=home.folder, check=True, capture_output=True, timeout=60)
        assert home.run("run", changed, *STORAGE, "--trials", "2", "-q").code == 0
        assert home.stored().studies() == ["other/search", "parabola/search"]

    def test_another_module_beside_the_file(self, home, refused):
        text = (home.folder / home.study("parabola")).read_text()
        text = text.replace("import dataclass\n", "import dataclass\n\nimport bowl\n")
        file = home.write("studies/parabola.py", text.replace("(hp.x - 1) ** 2", "bowl.side(hp.x)"))
        home.write("studies/bowl.py", "def side(x):\n    return (x - 1) ** 2\n")
        assert home.run("run", file, *STORAGE, "--trials", "3", "-q").code == 0
        home.write("studies/bowl.py", "def side(x):\n    return (x + 1) ** 2\n")
        difference = "code of bowl.side: stored another version, given this version"
        refused(home.run("work", file, *STORAGE), "parabola/search is stored", difference)

    def test_other_data_under_the_same_name(self, home, refused):
        text = HEAD.replace("from optisearch", "import numpy as np\n\nfrom optisearch", 1)
        text = text.replace("Study, choice", "Split, Study, choice").replace(
            "import Split, ", "import "
        )
        study = STUDY.replace("train=", "data=read, train=")
        text += (
            "from pathlib import Path\n\nfrom optisearch.data import Split\n\n\n"
            "def read():\n"
            "    count = int(Path('count').read_text())\n"
            "    x = np.arange(count, dtype='float32')\n"
            "    return Split(train=(x,), validation=(x[:2],), name='numbers')\n\n\n"
        )
        file = home.write("mine.py", f"{text}study = {study}")
        home.write("count", "10")
        assert home.run("run", file, *STORAGE, "--trials", "2", "-q").code == 0
        before = home.stored().dump()
        home.write("count", "11")
        result = home.run("run", file, *STORAGE)
        refused(
            result, "mine/search is stored there already", "\n  data fingerprint: stored sha256:"
        )
        assert "\n  data sizes: stored {'train': 10" in result.err
        assert home.stored().dump() == before

    def test_a_study_that_plain_optuna_made(self, home, refused):
        import optuna

        file = home.study("parabola")
        url = f"sqlite:///{home.folder / 'r.db'}"
        plain = optuna.create_study(study_name="parabola/search", storage=url)
        plain.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
        before = home.stored().dump()
        refused(home.run("run", file, *STORAGE), "stored there already", "OptiSearch didn't make")
        assert home.stored().dump() == before

    def test_without_results_it_gives_way(self, home):
        """Nothing is lost, and the person is still correcting the file."""
        file = home.study("failing")
        assert home.run("run", file, *STORAGE, "--workers", "1").code == 1
        text = (home.folder / file).read_text()
        home.write(file, text.replace('return layers[f"convolution {hp.x:.3f}"]', "return None"))
        assert home.run("run", file, *STORAGE, "--trials", "2").code == 0
        assert home.stored().trials == 2


class TestName:
    @pytest.fixture
    def stored(self, home):
        file = home.study("parabola")
        assert home.run("run", file, *STORAGE, "--trials", "2", "-q").code == 0

    @pytest.mark.parametrize("command", ["report", "status"])
    @pytest.mark.parametrize("name", ["parabla", "parabola/serach", "parabola-digits"])
    def test_not_stored(self, home, refused, stored, command, name):
        before = home.stored().dump()
        result = home.run(command, name, *STORAGE)
        refused(result, f"{name}: there is no such study", "Did you mean parabola", "\n  parabola/")
        assert not result.out
        assert home.stored().dump() == before

    def test_nothing_like_it(self, home, refused, stored):
        refused(home.run("report", "xyz", *STORAGE), "xyz: there is no such", "\n  parabola/search")

    def test_format_and_output(self, home, refused, stored):
        said = ("--format", "'pdf' is not one of", "markdown")
        refused(home.run("report", "parabola", *STORAGE, "--format", "pdf"), *said)
        said = ("no/r.md: the file can't be written", "--output")
        refused(home.run("report", "parabola", *STORAGE, "-o", "no/r.md"), *said)
