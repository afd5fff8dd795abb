"""A compare stage told: what each comparison shows, the answer to all of them, and the pictures.

Each comparison is one section: its evidence, its convergence and cost, and, where it was tuned, the
same again with the settings that were chosen for each level.
"""

from optisearch.report.comparisons.answer import answer, evidence
from optisearch.report.comparisons.sections import sections

__all__ = ["answer", "evidence", "sections"]
