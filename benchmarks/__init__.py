"""What every claim about speed and every default is measured with: `python -m benchmarks`."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
STUDIES = ROOT / "studies"
