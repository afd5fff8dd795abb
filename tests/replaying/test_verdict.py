"""Two histories of one trial."""

from typing import Any

from optisearch.replaying.verdict import compare


def rows(*heights: Any, **others: Any) -> list[dict[str, Any]]:
    return [
        {"epoch": epoch, "seconds": 0.1 * epoch, "height": height, **others}
        for epoch, height in enumerate(heights)
    ]


def test_the_same() -> None:
    found = compare(rows(0.1, 0.2, 0.3), rows(0.1, 0.2, 0.3), "height")
    assert found.is_same
    assert (found.recorded, found.replayed, found.gap, found.first) == (0.3, 0.3, 0.0, None)


def test_times_arent_numbers_of_the_training() -> None:
    slower = [row | {"seconds": 9.0} for row in rows(0.1)]
    assert compare(rows(0.1), slower, "height").is_same


def test_the_last_digit_counts() -> None:
    found = compare(rows(0.1, 0.3), rows(0.1, 0.1 + 0.2), "height")
    assert not found.is_same
    assert found.first == 2
    assert found.gap == abs(0.1 + 0.2 - 0.3)
    assert not found.ends_alike


def test_the_end_may_be_the_same_though_the_way_isnt() -> None:
    found = compare(rows(0.1, 0.3), rows(0.2, 0.3), "height")
    assert not found.is_same
    assert found.ends_alike
    assert not compare(rows(0.1, 0.3), rows(0.3), "height").ends_alike


def test_another_metric_differs() -> None:
    found = compare(rows(0.1, 0.2, loss=1.0), rows(0.1, 0.2, loss=2.0), "height")
    assert found.is_same
    assert found.others == {"loss": 1}


def test_fewer_epochs_arent_the_same() -> None:
    found = compare(rows(0.1, 0.2), rows(0.1), "height")
    assert not found.is_same
    assert found.first is None
    assert (found.epochs, found.trained) == (2, 1)


def test_both_diverged_in_the_same_epoch() -> None:
    """One was noticed in the middle of the epoch, before anything was evaluated."""
    middle = [*rows(0.1), {"epoch": 1, "seconds": 0.1, "loss": "nan"}]
    at_its_end = [*rows(0.1), {"epoch": 1, "seconds": 0.1, "loss": "nan", "height": 0.05}]
    found = compare(middle, at_its_end, "height")
    assert found.is_same
    assert found.diverged
    assert not compare(middle, rows(0.1, 0.2), "height").is_same
    assert not compare(middle, [*rows(0.1, 0.2), middle[-1]], "height").is_same


def test_measured_at_the_end_alone() -> None:
    def confirmed(height: float) -> list[dict[str, Any]]:
        return [{"epoch": 0, "loss": 0.5}, {"epoch": 1, "loss": 0.4, "height": height}]

    found = compare(confirmed(0.9), confirmed(0.8), "height")
    assert (found.first, found.recorded, found.replayed) == (2, 0.9, 0.8)


def test_never_measured() -> None:
    found = compare([{"epoch": 0, "loss": 0.5}], [{"epoch": 0, "loss": 0.5}], "height")
    assert found.is_same
    assert found.gap is None
