"""The time of one trial

One trial of each model, from building the model to the end of its last epoch, tracing and
validation included, by

- **fit**: NumPy arrays into `model.fit`, as every tutorial has it;
- **fused**: `fit` at its best: tf.data that gathers batches from tensors, all steps of an epoch in
  one call (`steps_per_execution`), validation in batches of 1,024;
- **ours, new**: the first trial of a trainer, whose graph has to be built and traced;
- **ours, again**: its second, of the same structure with another seed, as most trials of a
  comparison and many of a search are; what the worker does between two trials is included;
- **limit**: the same arithmetic and nothing else, as one hand-written graph: forward, backward,
  the optimizer's update, and after each epoch the loss over the validation part. No metrics, no
  callbacks, no shuffling (the records lie in one order, each batch is a slice of them), nothing
  reported; with its building and tracing (*new*), and called a second time (*again*), which
  includes neither.

Each round is a process of its own in which all of them run in turn, another one first each time;
TensorFlow's import and a first tiny `fit` come before. What a peer leaves behind is cleared outside
of its time. Medians of the rounds with the least and the greatest; a ratio is taken within a round.
"""

from collections.abc import Mapping, Sequence

from benchmarks.markdown import Goal, goals, table
from benchmarks.measuring import Spread, ratios
from benchmarks.processes import apart, note
from benchmarks.workloads import AUTOENCODER, CNN, LSTM, MLP, WIDE_MLP, WORKLOADS

# What the tables call it → what it is measured as.
LABELS = {
    "fit": "fit",
    "fused": "fused",
    "ours, new": "new",
    "ours, again": "again",
    "limit, new": "limit, new",
    "limit, again": "limit",
    "without validation": "training only",
}
# Workload, and of ours: at least so many times as fast as `fit`, at most so many times the limit.
GOALS = (
    (AUTOENCODER, "new", 7, None),
    (AUTOENCODER, "again", 15, None),
    (MLP, "new", 3, 1.3),
    (MLP, "again", 3.5, 1.3),
    (CNN, "new", 1.3, None),
    (CNN, "again", 1.3, None),
    (LSTM, "new", 1.3, None),
    (LSTM, "again", 1.3, None),
)
LIMITS = {"new": "limit, new", "again": "limit"}
EPOCHS = {AUTOENCODER: 50, MLP: 5, WIDE_MLP: 5, CNN: 2, LSTM: 2}
ROUNDS, QUICK_ROUNDS = 5, 3
Times = Mapping[str, Sequence[float]]


def run(quick: bool) -> str:
    """The seconds of all, how many times faster than `fit` ours is, and how far from the limit."""
    names = [AUTOENCODER, MLP] if quick else list(WORKLOADS)
    times: dict[str, dict[str, list[float]]] = {name: {} for name in names}
    for number in range(QUICK_ROUNDS if quick else ROUNDS):
        note(f"round {number + 1}")
        for name, label, seconds in apart(_one_round, names, number):
            times[name].setdefault(label, []).append(seconds)
    return "\n\n".join([_seconds(times), _beside_fit(times), _overhead(times), _goals(times)])


def _one_round(names: list[str], first: int) -> list[tuple[str, str, float]]:
    from benchmarks.trials.contenders import one_round  # TensorFlow, in that process only

    return one_round(names, first)


def _seconds(times: Mapping[str, Times]) -> str:
    rows = (
        [name, *(Spread.of(found[label]) for label in LABELS.values())]
        for name, found in times.items()
    )
    return "Seconds:\n\n" + table(["", *LABELS], rows)


def _beside_fit(times: Mapping[str, Times]) -> str:
    shown = [name for name in LABELS if name != "fit"]
    rows = (
        [name, *(Spread.of(ratios(found["fit"], found[LABELS[each]])) for each in shown)]
        for name, found in times.items()
    )
    return "Times as fast as `fit`:\n\n" + table(["", *shown], rows)


def _overhead(times: Mapping[str, Times]) -> str:
    rows = []
    for name, found in times.items():
        beyond = [ours - limit for ours, limit in zip(found["again"], found["limit"], strict=True)]
        per_epoch = Spread.of(1000 * seconds / EPOCHS[name] for seconds in beyond)
        share = Spread.of(ratios(beyond, found["again"])).median
        rows.append([name, per_epoch, f"{share:.0%}"])
    heading = "What a trial of ours takes beyond the limit, both *again*:\n\n"
    return heading + table(["", "ms per epoch", "of the trial"], rows)


def _goals(times: Mapping[str, Times]) -> str:
    found = []
    for name, label, faster, slower in GOALS:
        if name not in times:
            continue
        ours, limit = times[name][label], times[name][LIMITS[label]]
        found.append(
            Goal(f"{name}: {label}, times as fast as fit", faster, ratios(times[name]["fit"], ours))
        )
        if slower is not None:
            found.append(
                Goal(f"{name}: {label}, times the limit", slower, ratios(ours, limit), most=True)
            )
    return goals(found)
