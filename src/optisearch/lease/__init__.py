"""Who is training a trial, and whether they still live.

A trial carries its owner from the moment it is created (one transaction), so that a worker which
dies at any point leaves a trial that can be recognised as lost.
"""

from optisearch.lease.owner import Owner
from optisearch.lease.reaping import reap

__all__ = ["Owner", "reap"]
