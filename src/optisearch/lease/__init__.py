"""Who is training a trial, and whether they still live.

A trial carries its owner from the moment it is created (one transaction), so that a worker which
dies at any point leaves a trial that can be recognised as lost: at once where its process is gone
from this machine (`owner`), after three missed heartbeats anywhere else (`watch`, `keeper`).
"""

from optisearch.lease.keeper import Keeper
from optisearch.lease.owner import Owner
from optisearch.lease.reaping import end, reap

__all__ = ["Keeper", "Owner", "end", "reap"]
