"""Where the workflow lies that this library belongs to: the clone, or what an installed wheel carries of one."""

from pathlib import Path

_LIBRARY = Path(__file__).resolve().parent
_CARRIED = _LIBRARY / "_workflow"  # laid there by setup.py
ROOT = _CARRIED if _CARRIED.is_dir() else _LIBRARY.parents[2]
