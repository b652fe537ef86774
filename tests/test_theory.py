"""docs/theory.md names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_theory_names_tests_that_exist():
    text = (ROOT / "docs/theory.md").read_text(encoding="utf-8")
    defined = {
        line
        for path in ROOT.glob("tests/**/test_*.py")
        for line in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert set(re.findall(r"`(test_\w+)`", text)) <= defined
    assert len(re.findall(r"`(test_\w+)`", text)) > 20
