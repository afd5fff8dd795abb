"""One renderer per format. None of them computes a number."""

import importlib

from optisearch.report.table import Report

# Those that need no console, by the word of `--format`: each a module here with `render(report)`.
TEXT_FORMATS = ("markdown", "html", "csv", "json")


def to_text(report: Report, text_format: str) -> str:
    """A report as text, with a newline at its end.

    Args:
        report: The report.
        text_format: One of `TEXT_FORMATS`.
    """
    module = importlib.import_module(f"{__name__}.{text_format}")
    return str(module.render(report))
