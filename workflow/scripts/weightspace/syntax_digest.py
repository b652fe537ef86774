"""A digest of what a Python file says: of its syntax tree without docstrings, so that comments, docstrings and layout do not count."""

import ast
import hashlib
from functools import cache
from pathlib import Path

from weightspace.parsed_files import PLACE, ParsedFiles

_parsed = ParsedFiles(PLACE, Path(__file__).read_bytes()).write_at_exit()


def syntax_digest(path):
    """SHA-256 of a file's syntax, as hex digits.

    Raises:
        FileNotFoundError: there is no such file.
        SyntaxError: it does not parse.
    """
    return examine(path)[0]


def examine(path):
    """Digest of a file's code, and its imports.

    Returns: ``[digest, imports]``; an import is ``[level, module, names]``, with the number of dots; ``import module`` has no names.
    """
    path = Path(path)
    state = path.stat()
    return _examine(path, state.st_mtime_ns, state.st_size)


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
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree
