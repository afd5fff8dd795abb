"""What a part may be, and what is said of one that can't be."""

from collections import namedtuple
from typing import Any

import numpy as np
import pytest

from optisearch.data import parts

ONES = np.ones((4, 2), np.float32)
Pair = namedtuple("Pair", ["left", "right"])


def problems(part: Any) -> str:
    return "\n".join(map(str, parts.problems("train", parts.sealed(part))))


@pytest.mark.parametrize(
    "part",
    [
        (ONES,),
        (ONES, np.arange(4)),
        (ONES, np.arange(4), np.ones(4)),
        ({"a": ONES, "b": [ONES, ONES]}, (np.arange(4), ONES)),
        (Pair(ONES, ONES), np.array(["a", "b", "c", "d"])),
        (np.zeros(4, "datetime64[s]"), np.zeros(4, ">f8")),
    ],
)
def test_what_a_part_may_be(part: Any) -> None:
    assert not problems(part)
    assert parts.size(part) == 4


@pytest.mark.parametrize(
    ("part", "what", "remedy"),
    [
        (ONES, "train: its type is ndarray", "write train=(x, y)"),
        ([ONES, ONES], "train: its type is list", "write train=(x, y)"),
        (None, "its type is NoneType", "tf.data.Dataset"),
        ((ONES for _ in range(2)), "its type is generator", "tf.data.Dataset"),
        ((), "it has 0 members", "give (x,), (x, y)"),
        ((ONES,) * 4, "it has 4 members", "(x, y, sample_weight)"),
        ((ONES, np.arange(3)), "x has 4, y has 3", "one row"),
        (({"a": ONES, "b": ONES[:2]}, np.arange(4)), "x['a'] has 4, x['b'] has 2", "one row"),
        ((ONES, np.arange(4), np.ones(5)), "sample_weight has 5", "one row"),
        ((ONES, np.array([1, "a", None, 2])), "train.y: the array holds Python objects", "astype"),
        ((ONES[:0],), "train.x: the array is empty, shape (0, 2)", "records"),
        ((ONES[:, :0],), "empty, shape (4, 0)", "records"),
        ((np.array(1.0),), "the array is a single value", "row"),
        (([[1, 2], [3, 4]], np.arange(2)), "train.x: it holds single values", "np.asarray(x)"),
        ((ONES, list(np.arange(4))), "train.y: it holds single values", "np.asarray(y)"),
        ((ONES, None), "train.y: None is no array", "leave it out"),
        ((ONES, set()), "train.y: a set is no array", "np.asarray"),
        ((ONES, {}), "train.y: it holds no arrays", "leave it out"),
        ((np.ma.masked_array(ONES, ONES > 0),), "the array is masked", "filled"),
        ((np.zeros(4, [("age", "i4")]),), "named columns", "its own array"),
    ],
)
def test_what_it_can_not_be(part: Any, what: str, remedy: str) -> None:
    said = problems(part)
    assert what in said
    assert remedy in said
    assert "\n" not in said


def test_all_problems_are_told() -> None:
    said = problems(({"a": None, "b": np.array([None])}, np.array(3)))
    assert [line.split(":")[0] for line in said.splitlines()] == [
        "train.x['a']",
        "train.x['b']",
        "train.y",
    ]


def test_array_likes_become_arrays() -> None:
    class Frame:
        def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
            return np.arange(4)

    (x,) = parts.sealed((Frame(),))
    assert x.tolist() == [0, 1, 2, 3]


def test_arrays_are_read_only_and_not_copied() -> None:
    mine = ONES.copy()
    (sealed,) = parts.sealed((mine,))
    assert np.shares_memory(sealed, mine)
    assert mine.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        sealed += 1


def test_select_keeps_the_structure() -> None:
    part = ({"a": np.arange(4), "b": [ONES]}, Pair(np.arange(4), np.arange(4)))
    x, y = parts.select(part, np.array([3, 1]))
    assert x["a"].tolist() == [3, 1]
    assert x["b"][0].shape == (2, 2)
    assert y == Pair(y.left, y.right)
    assert y.right.tolist() == [3, 1]
