"""The values that people give to options."""

import click
import pytest

from optisearch.cli.values import Devices, Duration, Figure, Size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90.0),
        ("90s", 90.0),
        ("30m", 1800.0),
        ("1h30m", 5400.0),
        ("1.5h", 5400.0),
        (" 1H30M ", 5400.0),
        ("0.5s", 0.5),
        ("1h1m1s", 3661.0),
    ],
)
def test_lengths_of_time(text: str, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "soon", "0", "-5m", "5 minutes", "m", "30m1h", "inf", "1e3"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(click.UsageError, match="is no length of time"):
        Duration().convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4GiB", 4 * 2**30),
        ("4Gi", 4 * 2**30),
        ("4G", 4 * 2**30),
        ("4g", 4 * 2**30),
        ("4GB", 4 * 10**9),
        ("1.5 GiB", 3 * 2**29),
        (" 500MB ", 5 * 10**8),
        ("512MiB", 2**29),
        ("2TiB", 2**41),
        ("64KiB", 2**16),
        ("1073741824B", 2**30),
    ],
)
def test_amounts_of_memory(text: str, size: int) -> None:
    assert Size().convert(text, None, None) == size


@pytest.mark.parametrize(
    "text", ["", "4", "lots", "0GiB", "-1GiB", "GiB", "4 GiB of it", "4PiB", "4iB", "1e3MB", "0.1B"]
)
def test_what_is_no_amount_of_memory(text: str) -> None:
    with pytest.raises(click.UsageError, match="is no amount of memory"):
        Size().convert(text, None, None)


def test_values_of_a_metric() -> None:
    assert Figure().convert("0.98", None, None) == 0.98
    assert Figure().convert("-1e3", None, None) == -1000.0


@pytest.mark.parametrize(
    ("text", "said"),
    [("nan", "is no value that a metric"), ("inf", "is no value"), ("high", "not a valid float")],
)
def test_what_no_metric_reaches(text: str, said: str) -> None:
    with pytest.raises(click.UsageError, match=said):
        Figure().convert(text, None, None)


def test_gpus() -> None:
    assert Devices().convert("all", None, None) == "all"
    assert Devices().convert("0", None, None) == (0,)
    assert Devices().convert("3, 1", None, None) == (3, 1)


@pytest.mark.parametrize("text", ["", "0,", "one", "-1", "0-3", "1,1", "0 1", "ALL", "GPU-5d5b"])
def test_what_names_no_gpus(text: str) -> None:
    with pytest.raises(click.UsageError, match="names no GPUs"):
        Devices().convert(text, None, None)
