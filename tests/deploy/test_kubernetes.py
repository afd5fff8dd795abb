"""The manifests, against Kubernetes' schemas and against what workers rely on. No cluster is there:
what only a cluster can show isn't tested."""

import re
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from optisearch.address import parse

from .checks import changed, refusal, violations
from .manifests import (
    FOLDER,
    RULES,
    Manifests,
    exit_codes_are_heard,
    names_meet,
    nobody_else_gets_in,
    nodes_can_be_drained,
    policy_is_one_that_kubernetes_takes,
    read,
    resources_suffice,
    secrets_are_secret,
    secrets_are_there,
    there_is_time_to_drain,
)

DEFINITIONS = {
    "Job": "io.k8s.api.batch.v1.Job",
    "Deployment": "io.k8s.api.apps.v1.Deployment",
    "StatefulSet": "io.k8s.api.apps.v1.StatefulSet",
    "Service": "io.k8s.api.core.v1.Service",
    "PodDisruptionBudget": "io.k8s.api.policy.v1.PodDisruptionBudget",
}


@pytest.fixture(scope="module")
def manifests() -> Manifests:
    return read()


@pytest.mark.parametrize("rule", RULES)
def test_the_manifests_are_what_workers_need(
    manifests: Manifests, rule: Callable[[Manifests], Iterator[str]]
) -> None:
    assert list(rule(manifests)) == []


JOB, POD = "Job workers/spec", "Job workers/spec/template/spec"
FAILURES = f"{JOB}/podFailurePolicy/rules"
BUDGET, BOARD = "PodDisruptionBudget workers/spec", "Deployment dashboard/spec/template/spec"
POSTGRES = "StatefulSet postgres/spec/template/spec"
HELD_PASSWORD = {"name": "POSTGRES_PASSWORD", "value": "hunter2"}


@pytest.mark.parametrize(
    ("rule", "place", "value"),
    [
        (exit_codes_are_heard, f"{FAILURES}/1", None),
        (exit_codes_are_heard, f"{FAILURES}/2", None),
        (exit_codes_are_heard, f"{FAILURES}/0", None),
        (exit_codes_are_heard, f"{FAILURES}/0/onPodConditions/0/type", "Disrupted"),
        (exit_codes_are_heard, f"{FAILURES}/0/onPodConditions/0/status", "False"),
        (exit_codes_are_heard, f"{FAILURES}/1/action", "Ignore"),
        (exit_codes_are_heard, f"{FAILURES}/1/onExitCodes/values", [1, 2]),
        (exit_codes_are_heard, f"{FAILURES}/1/onExitCodes/operator", "NotIn"),
        (exit_codes_are_heard, f"{FAILURES}/2/onExitCodes/values", [75, 137]),
        (policy_is_one_that_kubernetes_takes, f"{POD}/restartPolicy", "OnFailure"),
        (policy_is_one_that_kubernetes_takes, f"{JOB}/completionMode", None),
        (policy_is_one_that_kubernetes_takes, f"{JOB}/completions", 1),
        (policy_is_one_that_kubernetes_takes, f"{JOB}/backoffLimitPerIndex", 0),
        (policy_is_one_that_kubernetes_takes, f"{FAILURES}/1/action", "FailsJob"),
        (policy_is_one_that_kubernetes_takes, f"{FAILURES}/1/onPodConditions", [{"type": "X"}]),
        (policy_is_one_that_kubernetes_takes, f"{FAILURES}/1/onExitCodes/operator", "Inn"),
        (policy_is_one_that_kubernetes_takes, f"{FAILURES}/1/onExitCodes/values", [2, 1]),
        (policy_is_one_that_kubernetes_takes, f"{FAILURES}/1/onExitCodes/containerName", "x"),
        (there_is_time_to_drain, f"{POD}/terminationGracePeriodSeconds", None),
        (there_is_time_to_drain, f"{POSTGRES}/terminationGracePeriodSeconds", 5),
        (secrets_are_there, f"{POD}/containers/0/env/0/valueFrom/secretKeyRef/name", "other"),
        (secrets_are_there, f"{BOARD}/containers/0/env/0/valueFrom/secretKeyRef/key", "url"),
        (secrets_are_there, "kustomization/secretGenerator/0/files/1", None),
        (secrets_are_there, "kustomization/secretGenerator/0/files/2", None),
        (secrets_are_there, "kustomization/generatorOptions/disableNameSuffixHash", False),
        (secrets_are_secret, "kustomization/secretGenerator/0/literals", ["password=hunter2"]),
        (secrets_are_secret, "kustomization/secretGenerator/0/files/1", "keys/password"),
        (secrets_are_secret, f"{POSTGRES}/containers/0/env/2", HELD_PASSWORD),
        (secrets_are_secret, "Secret optisearch", {"stringData": {"password": "hunter2"}}),
        (names_meet, "Service dashboard/spec/selector/app", "dashboard"),
        (names_meet, "Service postgres/spec/ports/0/targetPort", "sql"),
        (names_meet, "StatefulSet postgres/spec/serviceName", "database"),
        (names_meet, "Deployment dashboard/spec/selector/matchLabels/app", "dashboard"),
        (names_meet, "kustomization/images/0/name", "optimsearch"),
        (names_meet, f"{POSTGRES}/containers/0/image", "postgres"),
        (nodes_can_be_drained, f"{BUDGET}/maxUnavailable", 1),
        (nodes_can_be_drained, f"{BUDGET}/minAvailable", "50%"),
        (nodes_can_be_drained, f"{BUDGET}/minAvailable", 4),
        (nodes_can_be_drained, f"{BUDGET}/selector/matchLabels/app", "workers"),
        (nobody_else_gets_in, "Service postgres/spec/type", "NodePort"),
        (nobody_else_gets_in, f"{BOARD}/containers/0/env/1", None),
        (nobody_else_gets_in, f"{BOARD}/containers/0/args/1", "--allow-changes"),
        (nobody_else_gets_in, f"{POD}/securityContext/runAsNonRoot", None),
        (nobody_else_gets_in, f"{POD}/automountServiceAccountToken", True),
        (nobody_else_gets_in, f"{POD}/hostNetwork", True),
        (nobody_else_gets_in, f"{POD}/containers/0/securityContext/capabilities/drop", []),
        (resources_suffice, f"{POD}/containers/0/env/1/value", "8"),
        (resources_suffice, f"{POD}/containers/0/env/2", None),
        (resources_suffice, f"{POD}/containers/0/resources/limits/memory", "1Gi"),
        (resources_suffice, f"{BOARD}/containers/0/resources/requests/memory", None),
        (resources_suffice, f"{POSTGRES}/containers/0/args/1", "max_connections=10"),
    ],
)
def test_a_manifest_that_is_wrong_is_found(
    manifests: Manifests,
    rule: Callable[[Manifests], Iterator[str]],
    place: str,
    value: Any,
) -> None:
    assert list(rule(changed(manifests, place, value)))


def test_the_manifests_are_valid(manifests: Manifests) -> None:
    for name, each in manifests.items():
        if name != "kustomization":
            assert violations(each, "kubernetes", DEFINITIONS[each["kind"]]) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (f"{JOB}/backoffLimitPerIndexes", 5),
        (f"{JOB}/parallelism", "four"),
        (f"{FAILURES}/0/action", None),
        (f"{FAILURES}/0/onPodConditions/0/status", None),
        (f"{POD}/containers/0/env/0/valueFrom/secretKeyRef/key", None),
        ("Job workers/apiVersion", "batch/v2"),
    ],
)
def test_a_manifest_that_is_not_valid_is_found(
    manifests: Manifests,
    place: str,
    value: Any,
) -> None:
    job = changed(manifests, place, value)["Job workers"]
    assert violations(job, "kubernetes", DEFINITIONS["Job"])


def test_the_worker_s_command_is_one(manifests: Manifests) -> None:
    (worker,) = manifests["Job workers"]["spec"]["template"]["spec"]["containers"]
    assert "command" not in worker, "the image's entry point is the program"
    assert refusal(worker["args"]) == ""
    assert worker["args"][0] == "work"


def test_the_dashboard_s_command_is_one(manifests: Manifests) -> None:
    template = manifests["Deployment dashboard"]["spec"]["template"]
    (dashboard,) = template["spec"]["containers"]
    assert "command" not in dashboard, "the image's entry point is the program"
    assert refusal(dashboard["args"]) == ""
    (port,) = dashboard["ports"]
    assert f"--port={port['containerPort']}" in dashboard["args"]
    assert dashboard["readinessProbe"]["httpGet"] == {"path": "/healthz", "port": port["name"]}
    assert "livenessProbe" not in dashboard


@pytest.mark.parametrize("word", ["wrk", "studies/none.py", "--stage=serach", "--trial-s=1"])
def test_a_command_that_is_none_is_refused(manifests: Manifests, word: str) -> None:
    (worker,) = manifests["Job workers"]["spec"]["template"]["spec"]["containers"]
    for place in range(len(worker["args"])):
        args = [*worker["args"][:place], word, *worker["args"][place + 1 :]]
        assert refusal(args), args


def test_the_commands_on_top_write_the_secrets(manifests: Manifests, tmp_path: Path) -> None:
    text = (FOLDER / "kustomization.yaml").read_text()
    block = re.search(r"#   (\(umask.*?\) *)\n#   kubectl", text, re.DOTALL)
    assert block
    command = re.sub(r"\n#", "\n", block[1])
    subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True)
    files = manifests["kustomization"]["secretGenerator"][0]["files"]
    for file in files:
        assert stat.S_IMODE((tmp_path / file).stat().st_mode) == 0o600
    storage, password, token = ((tmp_path / file).read_text() for file in files)
    address = parse(storage)
    assert len(password) == 48
    assert len(token) == 43
    assert address.sqlalchemy_url.count(f":{password}@postgres/") == 1
    assert "Service postgres" in manifests
    assert address.dialect == "postgresql"


def test_each_file_says_that_no_cluster_ran_it() -> None:
    assert "Never run on a cluster" in (FOLDER / "kustomization.yaml").read_text()
    assert {file.name for file in FOLDER.glob("*.yaml")} == {
        "kustomization.yaml",
        *yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"],
    }
