"""Code of a user's own, a network, a learning rule or an attack in a Python file that the configuration names: checked,
watched and run.

Running it is what it is for: whoever names a file in a configuration lets it do all that they may do themselves.
Imports nothing heavy.
"""

import ast
import functools
import hashlib
import importlib.util
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from weightspace.reruns import syntax_digest

CODE = "code"  # the key of a definition that holds the digest of its file


class UserCodeError(ValueError):
    """A file of the user's own cannot be used; the message is one sentence."""


def defined_names(path: str | Path) -> set[str]:
    """Names that a Python file defines at its top level, without running it.

    Raises:
        UserCodeError: there is no such file, or it does not parse.
    """
    if not os.path.isfile(path):
        raise UserCodeError(f"{path} does not exist")
    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read(), filename=str(path))
    except (SyntaxError, ValueError) as error:
        raise UserCodeError(f"{path} is not Python: {error}") from error
    return {name for statement in tree.body for name in _names_of(statement)}


def _names_of(statement):
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in statement.names]
    return []


def watched(definition: Mapping[str, Any], base: str | Path = ".") -> dict[str, Any]:
    """The definition with the digest of its file where it names one, so that a change in the file counts as a change of
    the definition.

    Comments, docstrings and layout do not count; what the file itself imports is not looked at.
    """
    if "file" not in definition:
        return dict(definition)
    return {**definition, CODE: syntax_digest(os.path.join(base, definition["file"]))}


def load_function(definition: Mapping[str, Any], name: str | None = None) -> Callable[..., Any]:
    """The function or class of the user's own that a definition names by ``file`` and ``function``; this runs the file.

    Raises:
        UserCodeError: the file is missing, is not Python, has changed since the definition was `watched`, lacks the
            name or what it names cannot be called, fails as it is run, or ends the program, now or when called.
    """
    path, name = definition["file"], name or definition["function"]
    if name not in defined_names(path):
        raise UserCodeError(f"{path} defines no {name}; allowed: a file that defines a function or class of that name")
    if definition.get(CODE) not in (None, syntax_digest(path)):
        raise UserCodeError(
            f"{path} has changed since this model was trained with it; run again, or bring the file back"
        )
    try:
        found = getattr(_run(path), name)
    except SystemExit as error:
        raise UserCodeError(
            f"{path} ends the program when it is run; allowed: a file without sys.exit() at its top level"
        ) from error
    except Exception as error:  # whatever a file of the user's own may raise
        reason = " ".join(str(error).split())
        raise UserCodeError(f"{path} cannot be run: {type(error).__name__}: {reason}") from error
    if not callable(found):
        raise UserCodeError(f"{path}: {name} is a {type(found).__name__}; allowed: a function or class")

    @functools.wraps(found, updated=())
    def called(*arguments: Any) -> Any:
        try:
            return found(*arguments)
        except SystemExit as error:  # else the job would end as if all were well
            raise UserCodeError(f"{path}: {name} ends the program; allowed: a function that returns") from error

    return called


def _run(path):
    """The module of a file, known by a name of its own, as dataclasses and pickles want it."""
    name = "weightspace_user_code_" + hashlib.sha256(os.path.abspath(path).encode()).hexdigest()[:16]
    specification = importlib.util.spec_from_file_location(name, path)
    if specification is None or specification.loader is None:
        raise ImportError("its name does not end in .py")
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
