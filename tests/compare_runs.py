"""Which tables, models and scores of one run differ from another's: ``python tests/compare_runs.py RESULTS
OTHER_RESULTS``.

A step that only moves code leaves every file the same, byte for byte. Exit status 1 where one differs.
"""

import hashlib
import sys
from pathlib import Path

KINDS = ("tables", "models", "training", "adversarial", "scores")


def digests(results: Path) -> dict[str, str]:
    """SHA-256 of every file of `KINDS` by its path below ``results``."""
    files = (path for kind in KINDS for path in sorted((results / kind).rglob("*")) if path.is_file())
    return {str(path.relative_to(results)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def differences(ours: Path, theirs: Path) -> list[str]:
    """A line for each file that is not in both or not the same."""
    one, other = digests(ours), digests(theirs)
    lines = [f"only in {ours}: {name}" for name in one.keys() - other.keys()]
    lines += [f"only in {theirs}: {name}" for name in other.keys() - one.keys()]
    lines += [f"differs: {name}" for name in one.keys() & other.keys() if one[name] != other[name]]
    return sorted(lines)


if __name__ == "__main__":
    found = differences(Path(sys.argv[1]), Path(sys.argv[2]))
    print("\n".join(found) or "the same")
    sys.exit(bool(found))
