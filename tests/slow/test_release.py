"""`make release` of a finished small run: what it builds, that roc-validator accepts its RO-Crate, and that the run
agrees with it.
"""

import hashlib
import importlib.resources
import io
import json
import subprocess
import sys
import tarfile
import zipfile

import pytest
import requests
import rocrate
from rocrate_validator import models, services
from running import publish
from urllib3 import HTTPResponse

from weightspace import command

VERSION = "0.1.0"


@pytest.fixture(scope="module")
def released(small_run, tmp_path_factory):
    """A checkout with the results of the small run, of which a release was made."""
    base = tmp_path_factory.mktemp("release")
    publish(base)
    folder = base / "someone/weightspace"
    (folder / "results/README.md").unlink()
    (folder / "results").rmdir()
    (folder / "results").symlink_to(small_run / "results")
    subprocess.run([sys.executable, "release/make_release.py"], cwd=folder, check=True)
    return folder


def test_the_release_holds_what_is_published(released):
    dist = released / "dist"
    sums = dict(reversed(line.split("  ")) for line in (dist / "SHA256SUMS").read_text().splitlines())
    assert sums == {
        name: hashlib.sha256((dist / name).read_bytes()).hexdigest()
        for name in (
            "CITATION.cff",
            "notes.md",
            "results.zip",
            f"weightspace-{VERSION}-py3-none-any.whl",
            f"weightspace-{VERSION}.tar.gz",
            "zenodo.json",
        )
    }
    assert (dist / "notes.md").read_text().startswith(f"weightspace {VERSION}\n\n")
    assert "### Added" in (dist / "notes.md").read_text()
    assert json.loads((dist / "zenodo.json").read_text())["version"] == VERSION
    with tarfile.open(dist / f"weightspace-{VERSION}.tar.gz") as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    listed = subprocess.run(["git", "ls-files"], cwd=released, capture_output=True, text=True, check=True)
    tracked = {name for name in listed.stdout.split() if not name.startswith((".ci/", ".git", "results"))}
    assert tracked - names == set()
    assert [name for name in names if name.endswith((".pyc", ".nbc", ".nbi"))] == []


def test_the_run_agrees_with_its_release_until_it_changes(released, tmp_path, capsys):
    packed, results = released / "dist/results.zip", tmp_path / "results"
    assert command.compare(str(released / "results"), str(packed)) == 0
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(results)
    for line in (results / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((results / name).read_bytes()).hexdigest() == digest, name
    (results / "tables/stability.csv").unlink()
    assert command.compare(str(results), str(packed)) == 1
    assert f"tables/stability.csv is only in {packed}\n" in capsys.readouterr().out


def test_a_validator_accepts_the_research_object(released, monkeypatch):
    # Its context lies in a package, so that no network is needed.
    context = (importlib.resources.files(rocrate) / "data/ro-crate.jsonld").read_bytes()

    def answered(adapter, request, **_):
        assert "w3id.org/ro/crate/" in request.url
        answer = requests.Response()
        answer.url, answer.request, answer.status_code = request.url, request, 200
        answer.headers["Content-Type"] = "application/ld+json"
        answer.raw = HTTPResponse(io.BytesIO(context), preload_content=False, status=200, headers=answer.headers)
        return answer

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", answered)
    settings = services.ValidationSettings(
        rocrate_uri=str(released / "dist/results.zip"),
        profile_identifier="ro-crate-1.3",
        requirement_severity=models.Severity.REQUIRED,
        no_cache=True,
    )
    assert [issue.message for issue in services.validate(settings).get_issues()] == []
