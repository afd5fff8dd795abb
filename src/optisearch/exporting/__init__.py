"""The model of a trial becomes a file that only Keras is needed to read, with a card beside it.

It comes from the weights that were kept, or is trained again; nothing is written before it has
measured what was recorded of its trial.
"""

from optisearch.exporting.export import export

__all__ = ["export"]
