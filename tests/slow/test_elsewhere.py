"""The workflow run from outside the clone gives the bytes that it gives within: from a wheel in an empty folder, and as
`snakedeploy deploy-workflow` lays it out.

`make test-elsewhere` installs snakedeploy. WEIGHTSPACE_LONG=1 makes everything
instead of one table.
"""

import os
import shutil
import subprocess
import sys

import pytest
from running import ROOT, checkout, differing, publish, reference, snakemake, unequal

LONG = bool(os.environ.get("WEIGHTSPACE_LONG"))
TARGETS = [] if LONG else ["results/tables/stability.csv"]
KINDS = ["tables", "models", "figures", "paper"] if LONG else ["tables"]


@pytest.fixture(scope="module")
def in_the_clone(tmp_path_factory, mnist_raw):
    return reference(tmp_path_factory.mktemp("clone"), mnist_raw, TARGETS)


@pytest.fixture
def configured(tmp_path, mnist_raw):
    """A folder that holds nothing but two files of configuration, and the arguments that name them."""
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(ROOT / "tests/config.yaml", folder / "small.yaml")
    (folder / "images.yaml").write_text(f"dataset: {{directory: {mnist_raw}}}\n")
    return folder, ["--configfile", "small.yaml", "images.yaml", "--", *TARGETS]


def test_a_wheel_in_an_empty_folder(tmp_path, configured, in_the_clone):
    folder, arguments = configured
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    source = checkout(tmp_path / "source")
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", tmp_path, source], check=True)
    shutil.rmtree(source)
    installed = tmp_path / "installed"
    subprocess.run([*pip, "install", "--no-deps", "--target", installed, *tmp_path.glob("*.whl")], check=True)
    command = [installed / "bin/weightspace", "run", "--cores", "2", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert different(folder, in_the_clone) == []


@pytest.mark.skipif(not shutil.which("snakedeploy"), reason="snakedeploy is not installed")
def test_a_deployed_copy(tmp_path, configured, in_the_clone):
    folder, arguments = configured
    environment = publish(tmp_path)
    command = ["snakedeploy", "deploy-workflow", "https://github.com/someone/weightspace", ".", "--tag", "v1"]
    subprocess.run(command, cwd=folder, env={**os.environ, **environment}, check=True)
    done = snakemake(folder, *arguments, environment=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    assert different(folder, in_the_clone) == []


def different(folder, other):
    # One table of a whole run, or all of it.
    return unequal(folder, other, *KINDS) if LONG else differing(folder, other, *KINDS)
