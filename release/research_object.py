"""The results of a run described as an RO-Crate: what lies where, and what made it."""

import mimetypes
from collections.abc import Mapping
from typing import Any

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

FOLDERS = {
    "tables": "Tables in long form, every estimate with n, low and high, as CSV and Markdown",
    "figures": "Figures as SVG and PNG",
    "paper": "The tables as LaTeX, the figures as PDF, the numbers as macros",
    "models": "Trained networks and memories as safetensors, definition and seed in the header",
}
FILES = {
    "report.html": "The report: questions, answers, every figure and table, in one file",
    "config.yaml": "The configuration of the run, complete",
    "README.md": "What each folder holds",
    "SHA256SUMS": "SHA-256 of every file",
}
TYPES = {
    ".safetensors": "application/octet-stream",
    ".yaml": "application/yaml",
    ".md": "text/markdown",
    "": "text/plain",
}


def described(sizes: Mapping[str, int], cited: Mapping[str, Any], *, code_file: str, commit: str) -> dict[str, Any]:
    """The metadata of the crate, RO-Crate 1.3, as JSON-LD.

    Args: sizes, of the files in bytes by path; cited, the content of CITATION.cff; code_file, the path of the code;
    commit, of the code.
    """
    crate = ROCrate()
    crate.name, crate.datePublished = f"Results of weightspace {cited['version']}", cited["date-released"]
    crate.description = "What a run of the workflow weightspace made: tables, figures, report and trained models."
    license = "https://spdx.org/licenses/MIT"
    crate.license = crate.add(ContextEntity(crate, license, {"@type": "CreativeWork", "name": "MIT License"}))
    authors = [
        crate.add(ContextEntity(crate, f"#author-{at}", {"@type": "Organization", "name": author["name"]}))
        for at, author in enumerate(cited["authors"])
    ]
    crate.root_dataset["author"] = _one_or_more(authors)
    folders = [crate.add_dataset(dest_path=name, properties=_said(name, text)) for name, text in FOLDERS.items()]
    files = {name: crate.add_file(dest_path=name, properties=_said(name, text, sizes)) for name, text in FILES.items()}
    code = crate.add_file(
        dest_path=code_file,
        properties={
            **_said(code_file, "The code that made this, as an sdist", sizes),
            "@type": ["File", "SoftwareSourceCode"],
            "version": cited["version"],
            "identifier": commit,
        },
    )
    crate.add_action(
        code,
        identifier="#run",
        object=files["config.yaml"],
        result=[*folders, files["report.html"]],
        properties={
            "name": "A run of the workflow",
            "endTime": cited["date-released"],
            "agent": _one_or_more(authors),
        },
    )
    return crate.metadata.generate()


def _one_or_more(things):
    return things if len(things) > 1 else things[0]


def _said(name, text, sizes=None):
    said = {"name": name, "description": text}
    if sizes is not None:
        suffix = name[name.rindex(".") :] if "." in name else ""
        said |= {"contentSize": str(sizes[name]), "encodingFormat": TYPES.get(suffix) or mimetypes.guess_type(name)[0]}
    return said
