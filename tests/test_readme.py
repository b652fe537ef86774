"""The README's library example runs."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_library_example_stores_its_patterns(capsys):
    example = re.search(
        r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL
    ).group(1)
    exec(compile(example, "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert "certified=True" in said
    assert "[ 0  1  2  3" in said
