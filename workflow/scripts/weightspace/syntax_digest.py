"""A digest of what a Python file says: of its syntax tree without docstrings, so that comments, docstrings and layout do not count."""

import ast
import hashlib
from functools import cache
from pathlib import Path


def syntax_digest(path):
    """SHA-256 of a file's syntax, as hex digits.

    Raises:
        FileNotFoundError: there is no such file.
        SyntaxError: it does not parse.
    """
    return examine(path)[0]


def examine(path):
    """Digest of a file's code, and its import statements; parsed once as long as the file stays as it is."""
    path = Path(path)
    state = path.stat()
    return _parse(path, state.st_mtime_ns, state.st_size)


@cache
def _parse(path, _mtime, _size):
    tree = ast.parse(path.read_bytes(), filename=str(path))
    imports = tuple(node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))
    return hashlib.sha256(ast.unparse(_without_docstrings(tree)).encode()).hexdigest(), imports


def _without_docstrings(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree
