"""Which studies a database has, without all that belongs to them."""

import sqlalchemy
from optuna.storages._rdb import models

from optisearch.storage import Database

_STUDIES = models.StudyModel.__table__


def studies(database: Database) -> dict[int, str]:
    """The name of each study by its id, in the order in which they were begun.

    Optuna's own list reads the attributes of all of them, published figures included.
    """
    if database.backend is None:
        return {each._study_id: each.study_name for each in database.storage.get_all_studies()}
    question = sqlalchemy.select(_STUDIES.c.study_id, _STUDIES.c.study_name)
    with database.backend.connected() as connection:
        found = connection.execute(question.order_by(_STUDIES.c.study_id)).all()
    return {row.study_id: row.study_name for row in found}
