"""A stage's tables and figures in optuna-dashboard: as the note of its study, and beside its plots.

    with Publisher(database, study_id):
        ...  # while trials land, they are published anew

They lie in the database as optuna-dashboard's own notes and figures do, so that it shows them
wherever it is started. One publishes at a time, whoever it is (`turn`); what it stores is whole,
and never older than what was there (`publication`).
"""

from optisearch.publishing.publication import Outcome, Publication, is_due, prepare, store
from optisearch.publishing.publisher import Publisher

__all__ = ["Outcome", "Publication", "Publisher", "is_due", "prepare", "store"]
