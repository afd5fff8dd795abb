"""What is answered while the database is away."""

import asyncio
import logging
from typing import Any

import pytest
import sqlalchemy
from starlette.responses import JSONResponse

from optisearch.address import Address, parse
from optisearch.dashboard.guard import Screens
from optisearch.dashboard.while_away import WhileAway, quieten
from optisearch.errors import StorageError

from .asking import Answer, ask

AWAY = StorageError("nothing listens there", where="postgresql://x", remedy="Check the server")
SCREENS = Screens(
    sign_in=lambda _onward, _failed: "", refusal=lambda *words: "|".join(map(str, words))
)
ADDRESS = parse("postgresql://ann:hunter2@db/results")


class Told:
    """A health that is told what to say, and counts who asks."""

    def __init__(self, trouble: StorageError | None = None) -> None:
        self.said = trouble
        self.asked = 0

    async def trouble(self) -> StorageError | None:
        self.asked += 1
        return self.said


def answered(
    app: Any, health: Told | None = None, address: Address | None = ADDRESS, **headers: str
) -> Answer:
    wrapped = WhileAway(app, health=health or Told(), address=address, screens=SCREENS)  # type: ignore[arg-type]
    return ask(wrapped, headers=headers)


def raising(error: Exception) -> Any:
    async def app(*_arguments: Any) -> None:
        raise error

    return app


def answering(status: int) -> Any:
    async def app(*arguments: Any) -> None:
        await JSONResponse({"reason": "internal server error"}, status)(*arguments)

    return app


LOST = sqlalchemy.exc.OperationalError("SELECT 1", {}, Exception("connection refused"))


@pytest.mark.parametrize("error", [AWAY, LOST])
def test_an_error_of_the_database_in_words(error: Exception) -> None:
    answer = answered(raising(error))
    assert answer.status == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json["reason"].startswith("Nothing listens there. Check")
    assert "hunter2" not in answer.text
    page = answered(raising(error), accept="text/html")
    assert page.text.startswith("503|Nothing listens there|Check")


@pytest.mark.parametrize("error", [ValueError("ours"), KeyError("ours")])
def test_any_other_error_is_one(error: Exception) -> None:
    with pytest.raises(type(error)):
        answered(raising(error))


def test_optuna_dashboards_answer_where_it_was_the_database() -> None:
    answer = answered(answering(500), Told(AWAY))
    assert answer.status == 503
    assert answer.json["reason"].startswith("Nothing listens there")


def test_optuna_dashboards_answer_where_it_was_not() -> None:
    answer = answered(answering(500), Told(None))
    assert (answer.status, answer.json["reason"]) == (500, "internal server error")


@pytest.mark.parametrize("status", [200, 404, 403])
def test_the_database_isn_t_asked_where_nothing_failed(status: int) -> None:
    health = Told(AWAY)
    assert answered(answering(status), health).status == status
    assert health.asked == 0


def test_an_answer_that_has_begun_can_t_be_another() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise AWAY

    with pytest.raises(StorageError):
        answered(app)


def test_an_outage_is_no_traceback_a_second(caplog: pytest.LogCaptureFixture) -> None:
    quieten()
    logger = logging.getLogger("optuna_dashboard._bottle_util")
    for error in (LOST, ValueError("ours")):
        try:
            raise error
        except Exception as caught:
            logger.error("Exception: %s", caught)  # as it does
    assert [record.getMessage() for record in caplog.records] == ["Exception: ours"]
    logger.error("said outside")
    assert len(caplog.records) == 2
    assert asyncio.run(Told().trouble()) is None
