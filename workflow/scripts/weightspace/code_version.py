"""A digest of what a script computes: of the script and of every project module that it imports, directly or not.

Snakemake looks at the time of the script file only: it would miss a change in an imported module and rerun on a mere touch. The digest is of
syntax trees without docstrings, so comments and formatting do not count. Function-local and relative imports and parent packages are
followed; dynamic imports cannot be seen, so files of user code are handed over by name.
"""

import hashlib
import os
from pathlib import Path

from weightspace.syntax_digest import examine

# The folder of the scripts, which holds this package; not the working directory, which `snakemake --directory` moves.
SCRIPTS = Path(__file__).resolve().parent.parent


def code_version(script, *user_files, scripts=SCRIPTS):
    """Digest (16 hex digits) of ``script``, a file name relative to ``scripts``, of its project imports and of ``user_files``.

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


def project_files(script, *, scripts=SCRIPTS):
    """The script and all project files that it imports, directly or not, as a set of paths."""
    found, open_ends = set(), [Path(scripts) / script]
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
