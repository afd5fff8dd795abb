"""Reads a tool's runs back, with the tool's own means where it has some."""

import json
import multiprocessing
import struct
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.processes.waiting import wait_until


@dataclass
class Found:
    """A run as it was found.

    Attributes:
        params: Its hyperparameters and its seed, as texts.
        metrics: The value of each metric by step.
        facts: What else is said of it, as texts.
        reason: How it ended; empty while it hasn't.
        succeeded: What the tool makes of that.
    """

    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, dict[int, float]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    succeeded: bool | None = None


def tensorboard(folder: str) -> dict[str, Found]:
    """The runs below a folder, by the folder's names.

    Read in a process of its own: TensorBoard's readers go without TensorFlow where a certain module
    exists, and so would then everything else of TensorBoard's.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_tensorboard, folder).result()


def _tensorboard(folder: str) -> dict[str, Found]:
    sys.modules["tensorboard.compat.notf"] = ModuleType("tensorboard.compat.notf")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import api_pb2, metadata

    runs = {}
    for path in Path(folder).rglob("*tfevents*"):
        events = EventAccumulator(str(path.parent))
        events.Reload()

        def content(tag: str, events: Any = events) -> bytes:
            return events.SummaryMetadata(tag).plugin_data.content

        run = runs[str(path.parent.relative_to(folder))] = Found()
        start = metadata.parse_session_start_info_plugin_data(
            content(metadata.SESSION_START_INFO_TAG)
        )
        for name, value in start.hparams.items():
            run.params[name] = str(getattr(value, value.WhichOneof("kind")))
        for tag in events.Tags()["scalars"]:
            run.metrics[tag] = {each.step: each.value for each in events.Scalars(tag)}
        run.facts = _table(events, "trial")
        if metadata.SESSION_END_INFO_TAG in events.Tags()["tensors"]:
            end = metadata.parse_session_end_info_plugin_data(
                content(metadata.SESSION_END_INFO_TAG)
            )
            run.succeeded = end.status == api_pb2.STATUS_SUCCESS
            run.reason = _table(events, "end")["ended"]
    return runs


def _table(events: Any, tag: str) -> dict[str, str]:
    (text,) = events.Tensors(tag)[0].tensor_proto.string_val
    rows = (line.strip("| ").split(" | ", 1) for line in text.decode().splitlines()[2:])
    return dict(rows)


def mlflow(uri: str) -> dict[str, Found]:
    """All runs of a store, by their experiments' names and their own."""
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=uri)
    runs = {}
    for experiment in client.search_experiments():
        for each in client.search_runs([experiment.experiment_id]):
            name = f"{experiment.name}/{each.info.run_name.removeprefix('trial ')}"
            run = runs[name] = Found(dict(each.data.params))
            for metric in each.data.metrics:
                history = client.get_metric_history(each.info.run_id, metric)
                run.metrics[metric] = {entry.step: entry.value for entry in history}
                assert len(history) == len(run.metrics[metric])
            prefix = "optisearch."
            run.facts = {name.removeprefix(prefix): tag for name, tag in each.data.tags.items()}
            run.reason = run.facts.pop("end_reason", "")
            if each.info.status != "RUNNING":
                run.succeeded = each.info.status == "FINISHED"
    return runs


def wandb(folder: str) -> dict[str, Found]:
    """The offline runs in a folder, which have ended, by their groups and names."""
    files = list(Path(folder).glob("wandb/offline-run-*/*.wandb"))
    # Its service writes on when the run's end has been told.
    wait_until(lambda: all(map(_is_whole, files)), "its files are whole", 10)
    runs: dict[str, Found] = {}
    for file in files:
        run = Found()
        for record in _records(file.read_bytes()):
            match record.WhichOneof("record_type"):
                case "run":
                    head = record.run
                    given = {each.key: json.loads(each.value_json) for each in head.config.update}
                    run.facts = given.pop("optisearch", {}) | run.facts
                    run.params |= {k: str(v) for k, v in given.items() if not k.startswith("_")}
                    name = f"{head.run_group}/{head.display_name.removeprefix('trial ')}"
                    assert head.project == head.run_group.partition("/")[0]
                    runs[name] = run
                case "history":
                    _history(record.history, run)
                case "summary":
                    said = {
                        each.key or ".".join(each.nested_key): each.value_json
                        for each in record.summary.update
                    }
                    run.reason = json.loads(said.get("end_reason", json.dumps(run.reason)))
                case "exit":
                    run.succeeded = record.exit.exit_code == 0
    return runs


def _is_whole(file: Path) -> bool:
    return any(each.WhichOneof("record_type") == "exit" for each in _records(file.read_bytes()))


def _history(history: Any, run: Found) -> None:
    values = {
        each.key or ".".join(each.nested_key): json.loads(each.value_json) for each in history.item
    }
    step = values["_step"] if "_step" in values else history.step.num
    for name, value in values.items():
        if not name.startswith("_"):
            run.metrics.setdefault(name, {})[step] = float(value)


def _records(content: bytes) -> Iterator[Any]:
    """The messages in a file of W&B's: LevelDB's log, behind seven bytes of W&B's own.

    https://github.com/google/leveldb/blob/main/doc/log_format.md
    """
    from wandb.proto.wandb_internal_pb2 import Record

    at, part, block = 7, b"", 32768
    while at + 7 <= len(content):
        if block - at % block < 7:
            at += block - at % block
            continue
        _, size, kind = struct.unpack_from("<IHB", content, at)
        part += content[at + 7 : at + 7 + size]
        at += 7 + size
        if kind in (1, 4):
            yield Record.FromString(part)
            part = b""
