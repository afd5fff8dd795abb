"""Trials as runs in the tools that people follow experiments with: TensorBoard, MLflow, W&B.

A worker tells each of them from a thread of its own, through the tool's client: nothing that such a
tool does, or fails to do, reaches the training. Their Keras callbacks would: they act after each
batch, so models would have to be trained by `fit`, and they know no trial that ends early, is taken
up again, or trains something else than Keras.

A tool is imported when it was asked for, and in the worker alone.
"""

from optisearch.tracking.following import Following, follow
from optisearch.tracking.tools import TOOLS, check_tools, looks

__all__ = ["TOOLS", "Following", "check_tools", "follow", "looks"]
