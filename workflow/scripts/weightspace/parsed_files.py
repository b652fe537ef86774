"""What was read out of Python files before, kept between processes: every start of Snakemake asks for the syntax of the whole library.

An entry is found by the digest of the bytes that it was read from, so it cannot be out of date. The file lies in ``__pycache__`` beside this module,
as compiled code does; where nothing can be written there, everything is read anew.
"""

import atexit
import hashlib
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

PLACE = Path(__file__).parent / "__pycache__" / f"parsed_files.{sys.implementation.cache_tag}.json"
# Far more than the library has files; what was used last stays.
MOST = 1500


class ParsedFiles:
    """Entries by digest, each made of what JSON has (lists, texts, numbers).

    Args: place, the file; reader, the bytes of the code that reads, a change of which leaves all entries behind.
    """

    def __init__(self, place, reader):
        self._place, self._reader, self._entries, self._has_news = Path(place), reader, _read(place), False

    def find(self, content, read):
        """The entry of some bytes: the one kept, else ``read(content)``."""
        key = hashlib.sha256(self._reader + content).hexdigest()
        if key not in self._entries:
            self._entries[key] = read(content)
            self._has_news = True
        return self._entries[key]

    def write(self):
        """Keep the entries, with those that other processes have written meanwhile."""
        if not self._has_news:
            return
        entries = _read(self._place) | self._entries
        beside = self._place.with_name(f"{self._place.name}.{os.getpid()}")
        with suppress(OSError):
            self._place.parent.mkdir(exist_ok=True)
            beside.write_text(json.dumps(dict(list(entries.items())[-MOST:])), encoding="utf-8")
            beside.replace(self._place)
        with suppress(OSError):
            beside.unlink()  # half-written, on a full disk
        self._has_news = False

    def write_at_exit(self):
        atexit.register(self.write)
        return self


def _read(place):
    try:
        entries = json.loads(Path(place).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return entries if isinstance(entries, dict) else {}
