"""What workers rely on in the manifests and no schema says: rules, each yielding what is wrong."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from optisearch.cli.values import Size
from optisearch.worker import ExitCode

from .checks import DEPLOY, GRACE_SECONDS

FOLDER = DEPLOY / "kubernetes"
Manifests = dict[str, Any]

RESTRICTED = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
BYTES = {"Mi": 2**20, "Gi": 2**30}


def read() -> Manifests:
    """The manifests by kind and name; `kustomization` beside them."""
    kustomization = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    found = {"kustomization": kustomization}
    for file in kustomization["resources"]:
        for each in yaml.safe_load_all((FOLDER / file).read_text()):
            found[f"{each['kind']} {each['metadata']['name']}"] = each
    return found


def of_kind(manifests: Manifests, *kinds: str) -> list[tuple[str, Any]]:
    return [(name, each) for name, each in manifests.items() if name.split()[0] in kinds]


def pods(manifests: Manifests) -> list[tuple[str, Any]]:
    """The pod templates."""
    workloads = of_kind(manifests, "Job", "Deployment", "StatefulSet")
    return [(name, each["spec"]["template"]) for name, each in workloads]


def containers(manifests: Manifests) -> list[tuple[str, Any]]:
    return [(name, each) for name, pod in pods(manifests) for each in pod["spec"]["containers"]]


def fate(job: Any, code: int, *conditions: str) -> str:
    """What becomes of a pod that ended so: the action of the first rule that it meets.

    https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
    """
    for rule in job["spec"]["podFailurePolicy"]["rules"]:
        for wanted in rule.get("onPodConditions", ()):
            if wanted["type"] in conditions and wanted["status"] == "True":
                return str(rule["action"])
        codes = rule.get("onExitCodes")
        if codes and (code in codes["values"]) == (codes["operator"] == "In"):
            return str(rule["action"])
    return "Count"


def exit_codes_are_heard(manifests: Manifests) -> Iterator[str]:
    job = manifests["Job workers"]
    wanted = {
        (ExitCode.MISTAKE,): "FailJob",
        (ExitCode.WORK_LEFT,): "Ignore",
        (ExitCode.FAILURES,): "Count",
        (137,): "Count",
        (ExitCode.WORK_LEFT, "DisruptionTarget"): "Ignore",
        (137, "DisruptionTarget"): "Ignore",
    }
    for ended, action in wanted.items():
        if (got := fate(job, *ended)) != action:
            yield f"{ended}: {got}"


def policy_is_one_that_kubernetes_takes(manifests: Manifests) -> Iterator[str]:
    job = manifests["Job workers"]["spec"]
    pod = job["template"]["spec"]
    if pod["restartPolicy"] != "Never":
        yield "restartPolicy"
    if job.get("completionMode") != "Indexed" or job["completions"] != job["parallelism"]:
        yield "backoffLimitPerIndex needs indexes, and each worker is one"
    if job["backoffLimitPerIndex"] < 1:
        yield "a killed worker isn't replaced"
    for rule in job["podFailurePolicy"]["rules"]:
        codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions")
        if rule["action"] not in ("Ignore", "FailJob", "FailIndex", "Count"):
            yield "action"
        if bool(codes) == bool(conditions):
            yield "a rule is about codes or about conditions"
        if not codes:
            continue
        if codes["operator"] not in ("In", "NotIn"):
            yield "operator"
        if codes["values"] != sorted(set(codes["values"])) or 0 in codes["values"]:
            yield "values"
        if codes["containerName"] not in {each["name"] for each in pod["containers"]}:
            yield "containerName"


def there_is_time_to_drain(manifests: Manifests) -> Iterator[str]:
    for name in ("Job workers", "StatefulSet postgres"):
        pod = manifests[name]["spec"]["template"]["spec"]
        if pod.get("terminationGracePeriodSeconds", 30) < GRACE_SECONDS:
            yield name


def secrets_are_there(manifests: Manifests) -> Iterator[str]:
    kustomization = manifests["kustomization"]
    if not kustomization["generatorOptions"]["disableNameSuffixHash"]:
        yield "a new password would change a Job, which is refused"
    made = {
        (secret["name"], Path(file).name)
        for secret in kustomization["secretGenerator"]
        for file in secret["files"]
    }
    for name, container in containers(manifests):
        for variable in container.get("env", ()):
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            if reference and (reference["name"], reference["key"]) not in made:
                yield f"{name}: {variable['name']}"


def secrets_are_secret(manifests: Manifests) -> Iterator[str]:
    ignored = (DEPLOY / ".gitignore").read_text().split()
    for secret in manifests["kustomization"]["secretGenerator"]:
        if "literals" in secret or "envs" in secret:
            yield "literals"
        for file in secret["files"]:
            if f"{Path(file).parent}/" not in ignored:
                yield f"git takes {file}"
    yield from (name for name, _ in of_kind(manifests, "Secret"))
    for name, container in containers(manifests):
        for variable in container.get("env", ()):
            if "value" in variable and re.search("PASS|TOKEN|SECRET|STORAGE|KEY", variable["name"]):
                yield f"{name}: {variable['name']}"


def names_meet(manifests: Manifests) -> Iterator[str]:
    templates = pods(manifests)
    for name, service in of_kind(manifests, "Service"):
        chosen = [
            pod
            for _, pod in templates
            if service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
        ]
        ports = {
            port["name"]
            for pod in chosen
            for container in pod["spec"]["containers"]
            for port in container.get("ports", ())
        }
        if {port["targetPort"] for port in service["spec"]["ports"]} - ports:
            yield f"{name} leads nowhere"
    for name, each in of_kind(manifests, "Deployment", "StatefulSet"):
        labels = each["spec"]["template"]["metadata"]["labels"]
        if not each["spec"]["selector"]["matchLabels"].items() <= labels.items():
            yield f"{name} doesn't find its pods"
        if f"Service {each['spec'].get('serviceName', each['metadata']['name'])}" not in manifests:
            yield f"{name} has no Service"
    images = {image["name"] for image in manifests["kustomization"]["images"]}
    for name, container in containers(manifests):
        image, _, tag = container["image"].partition(":")
        if image not in images and not tag:
            yield f"{name}: any version of {image}"


def nodes_can_be_drained(manifests: Manifests) -> Iterator[str]:
    budget, job = manifests["PodDisruptionBudget workers"]["spec"], manifests["Job workers"]["spec"]
    if budget["selector"]["matchLabels"] != job["template"]["metadata"]["labels"]:
        yield "it is about other pods"
    # https://kubernetes.io/docs/tasks/run-application/configure-pdb/, "Arbitrary Controllers"
    if "maxUnavailable" in budget or not isinstance(budget.get("minAvailable"), int):
        yield "for pods of a Job it takes minAvailable, and a whole number"
    elif budget["minAvailable"] >= job["parallelism"]:
        yield "no worker may ever be evicted"


def nobody_else_gets_in(manifests: Manifests) -> Iterator[str]:
    for name, service in of_kind(manifests, "Service"):
        if service["spec"]["type"] != "ClusterIP":
            yield f"{name} is open to the world"
    (dashboard,) = manifests["Deployment dashboard"]["spec"]["template"]["spec"]["containers"]
    asked_for = {each["name"] for each in dashboard["env"] if "valueFrom" in each}
    if "OPTISEARCH_TOKEN" not in asked_for:
        yield "the dashboard's token is in its log"
    if "--allow-changes" in dashboard["args"]:
        yield "whoever has the token may delete studies"
    for name, pod in pods(manifests):
        spec = pod["spec"]
        if not spec["securityContext"].get("runAsNonRoot") or spec["automountServiceAccountToken"]:
            yield f"{name} may do too much"
        # Two pods of one host name that don't see each other's processes take each other for dead.
        if spec.get("hostNetwork") or spec.get("hostname"):
            yield f"{name} has the host name of others"
    for name, container in containers(manifests):
        if container["securityContext"] != RESTRICTED:
            yield f"{name} may do too much"


def resources_suffice(manifests: Manifests) -> Iterator[str]:
    job = manifests["Job workers"]["spec"]
    (worker,) = job["template"]["spec"]["containers"]
    cpus = worker["resources"]["requests"]["cpu"]
    threads = {each["name"]: each.get("value") for each in worker["env"]}
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        if threads.get(name) != cpus:
            yield f"{name} isn't {cpus}"
    own = next(each.partition("=")[2] for each in worker["args"] if "--memory-limit" in each)
    memory = worker["resources"]["limits"]["memory"]
    if Size().convert(own, None, None) >= int(memory[:-2]) * BYTES[memory[-2:]]:
        yield "it is killed before it is replaced"
    (server,) = manifests["StatefulSet postgres"]["spec"]["template"]["spec"]["containers"]
    connections = int(server["args"][-1].removeprefix("max_connections="))
    if connections < 2 * job["parallelism"] + 10:
        yield "too few connections"
    for name, container in containers(manifests):
        if not {"cpu", "memory"} <= container["resources"]["requests"].keys():
            yield f"{name} asks for nothing"


RULES = (
    exit_codes_are_heard,
    policy_is_one_that_kubernetes_takes,
    there_is_time_to_drain,
    secrets_are_there,
    secrets_are_secret,
    names_meet,
    nodes_can_be_drained,
    nobody_else_gets_in,
    resources_suffice,
)
