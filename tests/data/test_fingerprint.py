"""Equal for equal data on any machine; different after any change."""

import hashlib
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from optisearch.data.fingerprint import fingerprint

DTYPES = ["bool", "uint8", "int32", "int64", "float32", "float64", "U3", "S2", "datetime64[s]"]
SHAPES = hnp.array_shapes(min_dims=1, max_dims=3, max_side=4)
ARRAYS = st.sampled_from(DTYPES).flatmap(lambda dtype: hnp.arrays(np.dtype(dtype), SHAPES))
NUMBERS = hnp.arrays(np.int32, SHAPES, elements=st.integers(-1000, 1000))


def of(*arrays: Any) -> str:
    return fingerprint({"train": arrays, "validation": arrays, "test": None})


@given(ARRAYS)
def test_a_copy_of_any_layout_has_the_same(array: np.ndarray) -> None:
    strided = np.repeat(array, 2, axis=0)[::2]
    for same in (array.copy(), np.asfortranarray(array), strided):
        assert of(same) == of(array)
    assert of(array.astype(array.dtype.newbyteorder(">"))) == of(array)


@given(NUMBERS, st.data())
def test_any_change_of_a_value_changes_it(array: np.ndarray, data: st.DataObject) -> None:
    changed = array.copy()
    changed.flat[data.draw(st.integers(0, array.size - 1))] += 1
    assert of(changed) != of(array)


@given(NUMBERS)
def test_any_change_of_dtype_or_shape_changes_it(array: np.ndarray) -> None:
    others = [array.astype("int64"), array.view("uint32"), array.view("float32"), array[None]]
    assert len({of(other) for other in [array, *others]}) == 5
    if array.ndim > 1:
        assert of(array.reshape(-1)) != of(array)


@given(NUMBERS, st.randoms())
def test_the_order_of_the_records_counts(array: np.ndarray, random: Any) -> None:
    order = list(range(len(array)))
    random.shuffle(order)
    assert (of(array[order]) == of(array)) == np.array_equal(array[order], array)


def test_the_structure_counts() -> None:
    a, b = np.arange(3), np.arange(3, 6)
    different: list[Any] = [
        ((a, b),),
        ([a, b],),
        (a, b),
        (b, a),
        ({"a": a, "b": b},),
        ({"a": b, "b": a},),
        ({"a": a, "c": b},),
        ({1: a, 2: b},),
        ({"1": a, "2": b},),
        (np.concatenate([a, b]),),
    ]
    assert len({of(*part) for part in different}) == len(different)
    assert of({"b": b, "a": a}) == of({"a": a, "b": b})


def test_each_part_counts() -> None:
    a, b = (np.arange(3),), (np.arange(3, 6),)
    splits = [(a, b, None), (b, a, None), (a, b, a), (a, b, b), (a, a, b)]
    names = ("train", "validation", "test")
    assert len({fingerprint(dict(zip(names, split, strict=True))) for split in splits}) == 5


def test_it_is_the_same_for_ever() -> None:
    """A change here would make every stored study refuse its own data."""
    x = np.arange(6, dtype=np.float32).reshape(3, 2)
    found = fingerprint({"train": (x,), "validation": ({"a": x},), "test": None})
    assert found == "sha256:b3079b27f0846f6f0ff6bc3cb619d1dc11d6def0c4f9fb8654b6695ba9341881"


def test_another_process_finds_the_same() -> None:
    code = (
        "import numpy as np; from optisearch.data.fingerprint import fingerprint; "
        "print(fingerprint({'train': ({'b': np.arange(3), 'a': np.ones(3)},)}))"
    )
    here = fingerprint({"train": ({"b": np.arange(3), "a": np.ones(3)},)})
    there = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert there == here
    assert len(here) == len("sha256:") + 2 * hashlib.sha256().digest_size


def test_bfloat16_counts_as_itself() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    array = np.ones(3, ml_dtypes.bfloat16)
    assert of(array) != of(array.view(np.float16))
