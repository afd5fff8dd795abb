"""The names under which things land in the database. Those who write and who read share them.

Parameters, intermediate values and the user attributes below are what people see in
optuna-dashboard; they are part of the public contract. System attributes are ours.
"""

from typing import Literal

# After its worker died a trial is tried again three times, then left alone: it may be what kills
# them.
MAX_LOST_ATTEMPTS = 4
# A cell of a comparison that failed this often is left alone, and a point that failed this often
# with whatever seeds and never succeeded.
MAX_FAILED_ATTEMPTS = 2
MAX_FAILURES_AT_A_POINT = 3

EndReason = Literal["completed", "pruned", "diverged", "failed", "interrupted", "lost"]

# User attributes of a trial: scalars, shown as columns.
SEED = "seed"
EPOCHS_TRAINED = "epochs_trained"
SECONDS = "seconds"
SECONDS_PER_EPOCH = "seconds_per_epoch"
PARAMETERS = "parameters"
DIVERGED = "diverged"
END_REASON = "end_reason"
WORKER = "worker"
# Of the libraries, where they differ from the manifest's: `keras 3.12.1, numpy 2.3.0`.
VERSIONS = "versions"
ERROR = "error"
BEST_EPOCH = "best_epoch"
BEST_PREFIX = "best_"

# System attributes of a trial.
HISTORY = "optisearch:history"
FIRST_ATTEMPT = "optisearch:first_attempt"
RETRY_OF = "optisearch:retry_of"
OWNER = "optisearch:owner"
TRACEBACK = "optisearch:traceback"
# Where the trial can go on: `id` is a name in the artifact store, `epochs` are behind it.
CHECKPOINT = "optisearch:checkpoint"
CELL = "optisearch:cell"
# Of a trial that was given its point: the `stage` and `trial` that it is of; or it is the file's.
GIVEN = "optisearch:given"
# What it was trained on, as far as its numbers may depend on it: `machine.describe`.
MACHINE = "optisearch:machine"
# The trained model, where it is one of those that are kept: `id` is a name in the artifact store.
MODEL = "optisearch:model"
# Optuna's own: parameters that aren't sampled but given.
FIXED_PARAMS = "fixed_params"

# System attributes of a study. The first is Optuna's own: what its objectives are called.
METRIC_NAMES = "study:metric_names"
MANIFEST = "optisearch:manifest"
SETTINGS = "optisearch:settings"
BUDGET = "optisearch:budget"
SOURCE = "optisearch:source"
COMPARISONS = "optisearch:comparisons"
CONTESTANTS = "optisearch:contestants"
FIRST_POINTS = "optisearch:first_points"
# What is to be trained: all that whoever trains or tells needs to read of what is stored with it.
OF_A_STAGE = (MANIFEST, SETTINGS, BUDGET, COMPARISONS, CONTESTANTS, FIRST_POINTS)
# Who publishes its tables to optuna-dashboard, and what was published last.
PUBLISHER = "optisearch:publisher"
PUBLISHED = "optisearch:published"
