"""What tells one data set from another: the SHA-256 of its arrays."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from optisearch.data.parts import Part, batches, is_batches, is_dataset, leaves


def fingerprint(parts: Mapping[str, Part]) -> str:
    """The same on every machine and in every process, for the same data only.

    Args:
        parts: The parts by name, None for one that is absent.

    Returns:
        `sha256:<hex>` over structure, dtype, shape and bytes (little-endian, C order) of all
        arrays. Where a part yields batches, `spec:<hex>`: of that part only the element types and
        the number of batches are known. Its records aren't read, because reading could use them
        up, draw another shuffle, or not end.
    """
    header = {name: _describe(part) for name, part in parts.items()}
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name in sorted(parts):
        if not is_batches(parts[name]):
            for _, array in leaves(parts[name]):
                if array is not None:
                    _update(digest, array)
    kind = "spec" if any(is_batches(part) for part in parts.values()) else "sha256"
    return f"{kind}:{digest.hexdigest()}"


def _describe(part: Part) -> Any:
    if is_dataset(part):
        return {"batches": batches(part), "elements": _structure(part.element_spec)}
    if is_batches(part):
        return {"batches": batches(part), "class": type(part).__qualname__}
    return _structure(part)


def _structure(node: Any) -> Any:
    """Dicts, lists, tuples and the dtypes and shapes in them as JSON, no two alike."""
    if isinstance(node, Mapping):
        keys = sorted(node, key=repr)
        return {"dict": [[repr(key), _structure(node[key])] for key in keys]}
    if isinstance(node, list | tuple):
        kind = "list" if isinstance(node, list) else "tuple"
        return {kind: [_structure(item) for item in node]}
    if node is None:
        return None
    if not hasattr(node, "dtype") or not hasattr(node, "shape"):
        return repr(node)
    # A tf.TensorShape of unknown rank has no length; its text says so.
    known = getattr(node.shape, "rank", 0) is not None
    shape = list(node.shape) if known else str(node.shape)
    return {"dtype": node.dtype.name, "shape": shape}


def _update(digest: Any, array: np.ndarray) -> None:
    little = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
    # As bytes: not every dtype (text, dates, bfloat16) can be hashed as it is.
    digest.update(little.reshape(-1).view(np.uint8).data)
