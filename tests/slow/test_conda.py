"""Conda environments: each is created from its file and suffices for the scripts of its rules; the small run gives the
same tables with them.

A real ``conda`` on PATH is used. Where there is none, CONDA_OFFLINE names a folder with a stand-in (``setup.sh``) that
solves and links real packages from a channel made on this machine. WEIGHTSPACE_LONG=1 makes all tables instead of a
few.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from running import ROOT, SMALL, differing, reference, scripted_rules, small_checkout, snakemake

STAND_IN = os.environ.get("CONDA_OFFLINE", "")
# One table behind each of the environments data and torch; the figure needs plot.
SOME = ["results/tables/stability.csv", "results/tables/networks.csv", "results/figures/fig1_hopfield_network.png"]
TARGETS = [] if os.environ.get("WEIGHTSPACE_LONG") else SOME


@pytest.fixture(scope="module")
def conda(tmp_path_factory):
    """The environment variables under which ``conda`` is found."""
    if shutil.which("conda"):
        return {}
    assert (Path(STAND_IN) / "setup.sh").is_file(), (
        "no conda on PATH, and CONDA_OFFLINE names no stand-in: these tests cannot run here"
    )
    folder = Path(os.environ.get("CONDA_OFFLINE_STATE") or tmp_path_factory.mktemp("conda"))
    if not (folder / "use.sh").exists():
        command = ["bash", Path(STAND_IN) / "setup.sh", folder, *sorted((ROOT / "envs").glob("*.yaml"))]
        # The stand-in's indexer (py-rattler) dies as it exits about one time in ten, after its work; a second call
        # finds all packages made.
        for _ in range(3):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode <= 128:  # it was not a signal that ended it
                break
        assert done.returncode == 0, done.stderr[-3000:]
    exported = subprocess.run(
        ["bash", "-c", f"source {folder}/use.sh && env -0"], capture_output=True, text=True, check=True
    ).stdout
    wanted = ("PATH", "LOCAL_CHANNEL_ALIAS", "LOCAL_CONDA_CACHE")
    return {name: value for name, _, value in (line.partition("=") for line in exported.split("\0")) if name in wanted}


@pytest.fixture(scope="module")
def run(conda, tmp_path_factory, mnist_raw):
    """A small run in which each rule has its environment; its folder."""
    folder = small_checkout(tmp_path_factory.mktemp("conda-run"), mnist_raw)
    done = snakemake(folder, "--sdm", "conda", *SMALL, "--", *TARGETS, environment=conda)
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


def test_same_tables_as_without_conda(run, tmp_path, mnist_raw):
    assert differing(run, reference(tmp_path, mnist_raw, TARGETS), "tables", "figures") == []


def test_each_environment_suffices_for_the_scripts_of_its_rules(run):
    # The environment's own Python in isolated mode: under Snakemake its own packages are within reach, and hide what an
    # environment lacks.
    prefixes = {}
    for path in (run / ".snakemake/conda").glob("*.yaml"):
        prefixes[next(env.stem for env in (ROOT / "envs").glob("*.yaml") if env.read_bytes() == path.read_bytes())] = (
            path.with_suffix("")
        )
    scripts = ROOT / "workflow/scripts"
    load = (
        "import sys, runpy; sys.path.insert(0, sys.argv[1]); [runpy.run_path(script, run_name='imported') for script in"
        " sys.argv[2:]]"
    )
    environment_of = {scripts / script: environment for _, script, environment, _ in scripted_rules()}
    assert set(environment_of) == set(scripts.glob("*.py"))
    for name in sorted(set(environment_of.values())):
        mine = sorted(script for script in environment_of if environment_of[script] == name)
        prefix = next(found for stem, found in prefixes.items() if stem == name)
        done = subprocess.run(
            [prefix / "bin/python", "-I", "-c", load, scripts, *mine], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"envs/{name}.yaml: {done.stderr[-1500:]}"
