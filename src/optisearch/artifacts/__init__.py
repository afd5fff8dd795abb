"""What trials leave beside the database: checkpoints, tables and pictures of their epochs.

A folder, or a bucket, that all workers reach, through Optuna's own artifact stores. None of it is
needed: without it, or when it fails, trials are trained and told all the same.
"""

from optisearch.artifacts.keeping import Artifacts, open_artifacts
from optisearch.artifacts.kept import Kept
from optisearch.artifacts.places import Place, open_store, place

__all__ = ["Artifacts", "Kept", "Place", "open_artifacts", "open_store", "place"]
