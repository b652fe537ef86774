"""Build what a release publishes, into dist/: ``make release``, after a run of everything.

wheel and sdist; ``results.zip``, which is an RO-Crate; notes for the tag, from CHANGELOG.md; CITATION.cff with its
date, and ``zenodo.json``, Zenodo's metadata of the same; ``SHA256SUMS`` of all of them. Nothing is published.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path

import yaml
from research_object import described

ROOT = Path(__file__).resolve().parents[1]
# Data are downloaded again, and what lies between the models and the tables is made again.
PUBLISHED = ("tables", "figures", "paper", "models")


def main(root: Path = ROOT) -> None:
    """Write dist/ anew."""
    results, dist = root / "results", root / "dist"
    if not (results / "report.html").is_file():
        sys.exit("make release needs a finished run, and results/report.html is missing: make run")
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    moment = int(_of_git(root, "log", "-1", "--format=%ct"))
    shutil.rmtree(dist, ignore_errors=True)
    dist.mkdir()

    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", dist, root]
    subprocess.run(build, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": str(moment)}, stdout=subprocess.DEVNULL)
    (dist / "notes.md").write_text(notes(root, project["version"]), encoding="utf-8")
    cited = citation(root, moment)
    (dist / "CITATION.cff").write_text(yaml.safe_dump(cited, sort_keys=False, allow_unicode=True), encoding="utf-8")
    (dist / "zenodo.json").write_text(json.dumps(for_zenodo(cited, project), indent=1) + "\n", encoding="utf-8")
    (code,) = dist.glob("*.tar.gz")
    pack(results, dist / "results.zip", cited, code=code, commit=_of_git(root, "rev-parse", "HEAD"), moment=moment)
    sums = [f"{_sha256(path.read_bytes())}  {path.name}\n" for path in sorted(dist.iterdir())]
    (dist / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
    print(f"dist/ holds version {project['version']}:")
    print(*(f"  {path.name}, {path.stat().st_size:,} bytes" for path in sorted(dist.iterdir())), sep="\n")
    if _of_git(root, "status", "--porcelain"):
        print("The checkout has changes that are not committed: no release.", file=sys.stderr)


def notes(root: Path, version: str) -> str:
    """The part of CHANGELOG.md on a version, else on what is unreleased, as the text of a tag."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    parts = dict(re.findall(r"^## \[([^\]]+)\][^\n]*\n(.*?)(?=^## |\Z)", text, flags=re.DOTALL | re.MULTILINE))
    return f"weightspace {version}\n\n{parts.get(version, parts.get('Unreleased', '')).strip()}\n"


def citation(root: Path, moment: int) -> dict:
    """CITATION.cff with the day of the commit."""
    cited = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    return {**cited, "date-released": time.strftime("%Y-%m-%d", time.gmtime(moment))}


def for_zenodo(cited: dict, project: dict) -> dict:
    """Zenodo's metadata of a deposit, https://developers.zenodo.org/#representation."""
    (paper,) = cited["references"]
    return {
        "upload_type": cited["type"],
        "title": cited["title"],
        "description": project["description"],
        "version": cited["version"],
        "publication_date": cited["date-released"],
        "creators": [{"name": _name(author)} for author in cited["authors"]],
        "access_right": "open",
        "license": cited["license"],
        "references": [f"{'; '.join(map(_name, paper['authors']))}: {paper['title']}, {paper['year']}"],
    }


def _name(author):
    return author.get("name") or f"{author['family-names']}, {author['given-names']}"


def pack(results: Path, target: Path, cited: dict, *, code: Path, commit: str, moment: int) -> None:
    """Write results.zip: tables, figures, paper, models, report, configuration, code, their digests, the RO-Crate."""
    files = {
        path.relative_to(results).as_posix(): path.read_bytes()
        for kind in PUBLISHED
        for path in sorted((results / kind).rglob("*"))
        if path.is_file()
    }
    files |= {name: (results / name).read_bytes() for name in ("report.html", "README.md")}
    files |= {"config.yaml": (results / "report/config.yaml").read_bytes(), code.name: code.read_bytes()}
    files["SHA256SUMS"] = "".join(f"{_sha256(files[name])}  {name}\n" for name in sorted(files)).encode()
    sizes = {name: len(content) for name, content in files.items()}
    crate = described(sizes, cited, code_file=code.name, commit=commit)
    files["ro-crate-metadata.json"] = (json.dumps(crate, indent=1, sort_keys=True) + "\n").encode()
    folders = {f"{kind}/": b"" for kind in PUBLISHED}  # entries of their own, which readers of RO-Crates look for
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**folders, **files}.items():
            entry = zipfile.ZipInfo(name, time.gmtime(moment)[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o40755 << 16 | 0x10) if name in folders else 0o100644 << 16
            archive.writestr(entry, content)


def _sha256(content):
    return hashlib.sha256(content).hexdigest()


def _of_git(root, *arguments):
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    main()
