"""What makes a job run again: a digest of the code that it runs, its script and every project module that this imports.

Snakemake looks at the time of the script file only: it would miss a change in an imported module and rerun on a mere
touch. The digest is of syntax trees without docstrings, so comments and formatting do not count. Function-local and
relative imports and parent packages are followed; dynamic imports cannot be seen, so files of user code are handed over
by name.

What was read out of the files is kept between processes, since every start of Snakemake asks for the syntax of the
whole library. An entry is found by the digest of the bytes that it was read from, so it cannot be out of date. The file
lies in ``__pycache__`` beside this module, as compiled code does; where nothing can be written there, everything is
read anew.
"""

import ast
import atexit
import hashlib
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

# The folder of the scripts, which holds this package; not the working directory, which `snakemake --directory` moves.
SCRIPTS = Path(__file__).resolve().parent.parent
PLACE = Path(__file__).parent / "__pycache__" / f"reruns.{sys.implementation.cache_tag}.json"
# Far more than the library has files; what was used last stays.
MOST = 1500


def code_version(script: str, *user_files: str | Path, scripts: Path = SCRIPTS) -> str:
    """Digest (16 hex digits) of ``script``, a file name relative to ``scripts``, of its project imports and of
    ``user_files``.

    Raises:
        FileNotFoundError: the script or a user file does not exist.
        SyntaxError: a file does not parse.
    """
    digest = hashlib.sha256()
    for path in sorted(project_files(script, scripts=scripts)):
        digest.update(f"{path.relative_to(scripts).as_posix()}:{examine(path)[0]}\n".encode())
    for path in map(Path, user_files):
        digest.update(f"{path.as_posix()}:{examine(path)[0]}\n".encode())
    return digest.hexdigest()[:16]


def project_files(script: str, *, scripts: Path = SCRIPTS) -> set[Path]:
    """The script and all project files that it imports, directly or not, as a set of paths."""
    found: set[Path] = set()
    open_ends = [Path(scripts) / script]
    while open_ends:
        path = open_ends.pop()
        if path not in found:
            found.add(path)
            open_ends += _imported_files(examine(path)[1], path, Path(scripts))
    return found


def _imported_files(imports, path, scripts):
    """Project files that the imports of ``path`` run: importing a.b.c also runs a/__init__ and a/b/__init__."""
    modules = set()
    for name in _imported_names(imports, path.relative_to(scripts).parts[:-1]):
        parts = name.split(".")
        modules |= {"/".join(parts[: end + 1]) for end in range(len(parts))}
    return {Path(found) for found in (_module_file(f"{scripts}/{module}") for module in modules) if found}


def _imported_names(imports, package):
    for level, module, names in imports:
        base = package[: len(package) - level + 1] if level else ()
        whole = ".".join([*base, *([module] if module else [])])
        yield whole
        yield from (f"{whole}.{name}" for name in names)


def _module_file(place):
    # Asked for tens of thousands of times: os.path, which is far faster than pathlib.
    return next((candidate for candidate in (f"{place}/__init__.py", f"{place}.py") if os.path.isfile(candidate)), None)


def syntax_digest(path: str | Path) -> str:
    """SHA-256 of a file's syntax, as hex digits.

    Raises:
        FileNotFoundError: there is no such file.
        SyntaxError: it does not parse.
    """
    return examine(path)[0]


def examine(path: str | Path) -> tuple[str, list[Any]]:
    """Digest of a file's code, and its imports.

    An import is ``[level, module, names]``, with the number of dots; ``import module`` has no names.
    """
    path = Path(path)
    state = path.stat()
    digest, imports = _examine(path, state.st_mtime_ns, state.st_size)
    return digest, imports


@cache
def _examine(path, _mtime, _size):
    return _parsed.find(path.read_bytes(), lambda content: _parse(content, str(path)))


def _parse(content, name):
    tree = ast.parse(content, filename=name)
    imports = [entry for node in ast.walk(tree) for entry in _imports(node)]
    return [hashlib.sha256(ast.unparse(_without_docstrings(tree)).encode()).hexdigest(), imports]


def _imports(node):
    if isinstance(node, ast.Import):
        return [[0, alias.name, []] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [[node.level, node.module or "", [alias.name for alias in node.names]]]
    return []


def _without_docstrings(tree):
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return tree


class ParsedFiles:
    """Entries by digest, each made of what JSON has (lists, texts, numbers).

    Args: place, the file; reader, the bytes of the code that reads, a change of which leaves all entries behind.
    """

    def __init__(self, place: str | Path, reader: bytes) -> None:
        self._place, self._reader, self._entries, self._has_news = Path(place), reader, _read(place), False

    def find(self, content: bytes, read: Callable[[bytes], Any]) -> Any:
        """The entry of some bytes: the one kept, else ``read(content)``."""
        key = hashlib.sha256(self._reader + content).hexdigest()
        if key not in self._entries:
            self._entries[key] = read(content)
            self._has_news = True
        return self._entries[key]

    def write(self) -> None:
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

    def write_at_exit(self) -> "ParsedFiles":
        """Keep the entries when the process ends."""
        atexit.register(self.write)
        return self


def _read(place):
    try:
        entries = json.loads(Path(place).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return entries if isinstance(entries, dict) else {}


_parsed = ParsedFiles(PLACE, Path(__file__).read_bytes()).write_at_exit()
