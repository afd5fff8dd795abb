"""compose.yaml and the image, against the Compose Specification and against what workers rely on. No
container engine is there: what only one can show isn't tested."""

import re
import stat
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from optisearch.address import parse
from optisearch.cli.values import Size

from .checks import DEPLOY, GRACE_SECONDS, ROOT, changed, refusal, violations

Compose = dict[str, Any]


@pytest.fixture(scope="module")
def compose() -> Compose:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def seconds(time: str) -> int:
    assert time.endswith("s")
    return int(time[:-1])


# What isn't in the schema. Each yields what is wrong.


def ends_are_heard(compose: Compose) -> Iterator[str]:
    services = compose["services"]
    policy, _, times = services["worker"].get("restart", "no").partition(":")
    if policy != "on-failure" or not times.isdecimal() or int(times) < 5:
        yield "75 isn't started again, or 2 is for ever"
    for name in ("worker", "postgres"):
        if seconds(services[name].get("stop_grace_period", "10s")) < GRACE_SECONDS:
            yield f"{name} has no time to end"


def workers_can_be_many(compose: Compose) -> Iterator[str]:
    worker = compose["services"]["worker"]
    for name in ("container_name", "hostname", "ports", "network_mode"):
        if name in worker:
            yield f"two can't have the same {name}"
    cpus = str(worker["cpus"])
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        if worker["environment"].get(name) != cpus:
            yield f"{name} isn't {cpus}"
    own = next(each.partition("=")[2] for each in worker["command"] if "--memory-limit" in each)
    if Size().convert(own, None, None) >= Size().convert(worker["mem_limit"], None, None):
        yield "it is killed before it is replaced"


def nobody_else_gets_in(compose: Compose) -> Iterator[str]:
    for name, service in compose["services"].items():
        for port in service.get("ports", ()):
            if not str(port).startswith("127.0.0.1:"):
                yield f"{name} listens on all of the machine's addresses"
        if "--allow-changes" in service.get("command", ()):
            yield f"who has the token of {name} may delete studies"
        if service.get("privileged") or service.get("network_mode") or service.get("user"):
            yield f"{name} may do too much"


def secrets_are_secret(compose: Compose) -> Iterator[str]:
    ignored = (DEPLOY / ".gitignore").read_text().split()
    files = [secret.get("file", "") for secret in compose["secrets"].values()]
    for service in compose["services"].values():
        files += service.get("env_file", ())
        for name, value in service.get("environment", {}).items():
            if re.search("PASS|TOKEN|SECRET|STORAGE|KEY", name) and not value.startswith("/run/"):
                yield f"{name} is in clear"
    if not all(f"{Path(file).parent}/" in ignored for file in files):
        yield "git takes a secret"
    if "secrets/token.env" not in compose["services"]["dashboard"].get("env_file", ()):
        yield "the dashboard's token is in its log"
    if "secrets/token.env" in compose["services"]["worker"].get("env_file", ()):
        yield "workers need no token"


def names_meet(compose: Compose) -> Iterator[str]:
    services = compose["services"]
    built = {service["image"] for service in services.values() if "build" in service}
    for name, service in services.items():
        if set(service.get("secrets", ())) - compose["secrets"].keys():
            yield f"{name}: no such secret"
        for volume in service.get("volumes", ()):
            if volume.partition(":")[0] not in compose["volumes"]:
                yield f"{name}: no such volume"
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy" and "healthcheck" not in services[other]:
                yield f"{name} waits for ever"
        password = service.get("environment", {}).get("POSTGRES_PASSWORD_FILE")
        if password and password.removeprefix("/run/secrets/") not in service.get("secrets", ()):
            yield f"{name}: no such file"
        image = service["image"]
        if image not in built and ":" not in image:
            yield f"{name}: any version of {image}"
        if image in built and "build" not in service and service.get("pull_policy") != "never":
            yield f"{name}: {image} may be another's"
    if "postgres" not in services["worker"].get("depends_on", {}):
        yield "workers don't wait for their database"


RULES = (ends_are_heard, workers_can_be_many, nobody_else_gets_in, secrets_are_secret, names_meet)


@pytest.mark.parametrize("rule", RULES)
def test_the_file_is_what_workers_need(
    compose: Compose, rule: Callable[[Compose], Iterator[str]]
) -> None:
    assert list(rule(compose)) == []


WORKER, POSTGRES, BOARD = (f"services/{name}" for name in ("worker", "postgres", "dashboard"))


@pytest.mark.parametrize(
    ("rule", "place", "value"),
    [
        (ends_are_heard, f"{WORKER}/restart", None),
        (ends_are_heard, f"{WORKER}/restart", "always"),
        (ends_are_heard, f"{WORKER}/restart", "unless-stopped"),
        (ends_are_heard, f"{WORKER}/restart", "on-failure"),
        (ends_are_heard, f"{WORKER}/stop_grace_period", None),
        (ends_are_heard, f"{POSTGRES}/stop_grace_period", "10s"),
        (workers_can_be_many, f"{WORKER}/container_name", "worker"),
        (workers_can_be_many, f"{WORKER}/hostname", "worker"),
        (workers_can_be_many, f"{WORKER}/ports", ["127.0.0.1:9000:9000"]),
        (workers_can_be_many, f"{WORKER}/environment/TF_NUM_INTEROP_THREADS", "4"),
        (workers_can_be_many, f"{WORKER}/mem_limit", "1g"),
        (nobody_else_gets_in, f"{BOARD}/ports/0", "8080:8080"),
        (nobody_else_gets_in, f"{BOARD}/ports/0", "0.0.0.0:8080:8080"),
        (nobody_else_gets_in, f"{POSTGRES}/ports", ["5432:5432"]),
        (nobody_else_gets_in, f"{BOARD}/network_mode", "host"),
        (nobody_else_gets_in, f"{BOARD}/command/1", "--allow-changes"),
        (nobody_else_gets_in, f"{WORKER}/privileged", True),
        (secrets_are_secret, f"{POSTGRES}/environment/POSTGRES_PASSWORD", "hunter2"),
        (secrets_are_secret, f"{WORKER}/environment/OPTISEARCH_STORAGE", "postgresql://u:p@h/d"),
        (secrets_are_secret, f"{WORKER}/env_file/0", "storage.env"),
        (secrets_are_secret, f"{WORKER}/env_file/0", "secrets/token.env"),
        (secrets_are_secret, f"{BOARD}/env_file/1", None),
        (secrets_are_secret, "secrets/password/file", "password"),
        (names_meet, f"{POSTGRES}/secrets/0", "pass"),
        (names_meet, f"{POSTGRES}/environment/POSTGRES_PASSWORD_FILE", "/run/secrets/pass"),
        (names_meet, f"{POSTGRES}/healthcheck", None),
        (names_meet, f"{POSTGRES}/image", "postgres"),
        (names_meet, f"{BOARD}/pull_policy", None),
        (names_meet, f"{WORKER}/volumes/0", "checkpoints:/artifacts"),
        (names_meet, f"{WORKER}/depends_on/postgres", None),
    ],
)
def test_a_file_that_is_wrong_is_found(
    compose: Compose,
    rule: Callable[[Compose], Iterator[str]],
    place: str,
    value: Any,
) -> None:
    assert list(rule(changed(compose, place, value)))


def test_the_file_is_valid(compose: Compose) -> None:
    assert violations(compose, "compose-spec") == []


@pytest.mark.parametrize(
    ("place", "value"),
    [(f"{WORKER}/restarts", "no"), (f"{WORKER}/cpus", []), ("services/worker/depends_on", 3)],
)
def test_a_file_that_is_not_valid_is_found(
    compose: Compose,
    place: str,
    value: Any,
) -> None:
    assert violations(changed(compose, place, value), "compose-spec")


def test_the_worker_s_command_is_one(compose: Compose) -> None:
    worker = compose["services"]["worker"]
    assert "entrypoint" not in worker, "the image's entry point is the program"
    assert refusal(worker["command"]) == ""
    assert worker["command"][0] == "work"


def test_the_dashboard_s_command_is_one(compose: Compose) -> None:
    dashboard = compose["services"]["dashboard"]
    assert "entrypoint" not in dashboard, "the image's entry point is the program"
    assert refusal(dashboard["command"]) == ""
    assert dashboard["command"][0] == "dashboard"
    worker = compose["services"]["worker"]
    where = worker["environment"]["OPTISEARCH_ARTIFACTS"]
    assert dashboard["environment"]["OPTISEARCH_ARTIFACTS"] == where
    assert dashboard["volumes"] == worker["volumes"]


def test_the_commands_on_top_write_the_secrets(compose: Compose, tmp_path: Path) -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    block = re.search(r"#   (\(umask.*?\))\n#   docker", text, re.DOTALL)
    assert block
    (tmp_path / "deploy").mkdir()
    command = re.sub(r"\n#", "\n", block[1])
    subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True)
    worker = compose["services"]["worker"]
    token = "secrets/token.env"
    assert token in compose["services"]["dashboard"]["env_file"]
    files = [compose["secrets"]["password"]["file"], *worker["env_file"], token]
    for file in files:
        assert stat.S_IMODE((tmp_path / "deploy" / file).stat().st_mode) == 0o600
    password, line, secret = ((tmp_path / "deploy" / file).read_text() for file in files)
    assert re.fullmatch(r"OPTISEARCH_TOKEN=[\w-]{43}\n", secret)
    name, _, url = line.strip().partition("=")
    assert name == "OPTISEARCH_STORAGE"
    assert len(password) == 48
    assert f":{password}@postgres/" in parse(url).sqlalchemy_url
    assert "postgres" in compose["services"]
    database = compose["services"]["postgres"]["environment"]
    assert url.startswith(f"postgresql://{database['POSTGRES_USER']}:")
    assert url.endswith(f"/{database['POSTGRES_DB']}")


# The image


@pytest.fixture(scope="module")
def image() -> list[tuple[str, str]]:
    """The Dockerfile's instructions and what they say."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line]  # type: ignore[misc]


def test_the_image_holds_what_its_package_is_built_of(image: list[tuple[str, str]]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    steps = [name for name, _ in image]
    copied = {
        file
        for name, said in image[: steps.index("RUN")]
        if name == "COPY"
        for file in said.split()[:-1]
    }
    needed = {"pyproject.toml", "constraints.txt", project["project"]["readme"], "src"}
    assert copied == needed | set(project["project"]["license-files"])
    let_in = (DEPLOY / "Dockerfile.dockerignore").read_text().split()
    for name, said in image:
        if name == "COPY":
            for file in said.split()[:-1]:
                assert (ROOT / file).exists()
                assert f"!{file}" in let_in
    run = next(said for name, said in image if name == "RUN")
    extras = re.search(r"\.\[(.*?)\]", run)
    assert extras
    assert set(extras[1].split(",")) <= project["project"]["optional-dependencies"].keys()
    assert "--constraint constraints.txt" in run


def test_signals_reach_the_program_and_it_is_not_root(
    image: list[tuple[str, str]], compose: Compose
) -> None:
    said = dict(image)
    assert said["ENTRYPOINT"] == '["python", "-m", "optisearch"]'
    assert said["USER"].isdecimal()
    assert f"--uid {said['USER']}" in said["RUN"]
    assert not {"ARG", "ENV"} & said.keys(), "nothing secret can be built in"
    version = re.fullmatch(r"python:3\.(\d+)-slim", said["FROM"])
    assert version
    assert int(version[1]) >= 11
    assert (
        f"--owner=worker {compose['services']['worker']['volumes'][0].partition(':')[2]}"
        in said["RUN"]
    )
