"""Both cluster profiles on a real Slurm: the tables of a local run, byte for byte, though a job dies of too little
memory, one is cancelled, and the controller is away for half a minute.

SLURM_ONE_NODE names a script that runs a cluster on this machine: ``start``, ``stop`` and ``restart-ctld``, each with a
state folder. WEIGHTSPACE_LONG=1 makes all tables instead of a few.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from running import SMALL, differing, reference, small_checkout

SCRIPT = os.environ.get("SLURM_ONE_NODE", "")
TARGETS = (
    [] if os.environ.get("WEIGHTSPACE_LONG") else [f"results/tables/{name}.csv" for name in ("stability", "basins")]
)
OUTAGE = 30  # seconds
# So little that the first attempt dies while it starts: the node allows four times as much virtual memory. These rules
# travel as a group.
STARVED = [
    "--set-resources",
    *(f"{name}:mem_mb=5 if attempt == 1 else 2000" for name in ("train_memory", "count_minima")),
]


def cluster_command(action, state):
    done = subprocess.run(
        ["bash", SCRIPT, action, str(state)],
        capture_output=True,
        text=True,
        env={**os.environ, "SLURM1_GPUS": "0"},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A running cluster that enforces memory; its environment, and its state folder."""
    assert Path(SCRIPT).is_file(), "SLURM_ONE_NODE names no script that starts a cluster: these tests cannot run here"
    state = tmp_path_factory.mktemp("slurm")
    environment = {"SLURM_CONF": str(state / "slurm.conf")}
    cluster_command("start", state)
    with (state / "slurm.conf").open("a", encoding="utf-8") as file:
        file.write("VSizeFactor=400\n")  # without control groups, Slurm limits virtual memory
    subprocess.run(["scontrol", "reconfigure"], env={**os.environ, **environment}, check=True)
    yield environment, state
    cluster_command("stop", state)


@pytest.fixture(scope="module")
def local(tmp_path_factory, mnist_raw):
    """The folder of a run without a cluster."""
    return reference(tmp_path_factory.mktemp("local"), mnist_raw, TARGETS)


def running_jobs(environment):
    listed = subprocess.run(
        ["squeue", "-h", "-t", "R", "-o", "%A"],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )
    return listed.stdout.split()


def wait_for_a_job(environment, run, *, other_than=()):
    """Id of a job that runs on the cluster, or None if the workflow ended before there was one."""
    while run.poll() is None:
        for job in running_jobs(environment):
            if job not in other_than:
                return job
        time.sleep(0.3)
    return None


def wait_for_an_unanswered_check(outages, run):
    """Until a status check has met the outage: checks are as much as half a minute apart."""
    deadline = time.monotonic() + 120
    while not outages.exists():
        assert run.poll() is None
        assert time.monotonic() < deadline, "no status check has met the outage"
        time.sleep(1)


@pytest.mark.parametrize("profile", ["cluster-generic", "slurm"])
def test_same_tables_after_starvation_cancellation_and_outage(cluster, local, tmp_path, mnist_raw, profile):
    environment, state = cluster
    folder = small_checkout(tmp_path, mnist_raw)
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--profile",
        f"profiles/{profile}",
        "--latency-wait",
        "10",
        "--jobs",
        "4",
        *STARVED,
        *SMALL,
    ]
    if profile == "slurm":
        command += [
            "--slurm-init-seconds-before-status-checks",
            "5",
            "--slurm-status-command",
            "squeue",
        ]  # there is no accounting
    log = tmp_path / "log"
    with log.open("w") as file:
        run = subprocess.Popen(
            [*command, "--", *TARGETS], cwd=folder, stdout=file, stderr=file, env={**os.environ, **environment}
        )
    cancelled = wait_for_a_job(environment, run)
    assert cancelled, log.read_text()[-3000:]
    subprocess.run(["scancel", cancelled], env={**os.environ, **environment}, check=True)
    assert wait_for_a_job(environment, run, other_than=[cancelled])
    # Terminated and not killed: a killed controller forgets a job that it has just accepted, and drains the node that
    # runs it.
    os.kill(int((state / "run" / "slurmctld.pid").read_text()), signal.SIGTERM)
    time.sleep(OUTAGE)
    if profile == "slurm":
        wait_for_an_unanswered_check(folder / ".snakemake/slurm_outages.log", run)
    cluster_command("restart-ctld", state)
    try:
        code = run.wait(timeout=900)
    finally:
        run.kill()
    said = log.read_text()
    assert code == 0, said[-4000:]
    assert differing(folder, local, "tables") == []
    assert said.count("Trying to restart") >= 2, "neither the starved nor the cancelled job was tried again"
