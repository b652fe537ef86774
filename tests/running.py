"""Runs of the workflow in copies of this checkout, for the tests that need them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from weightspace import reruns

ROOT = Path(__file__).parent.parent
SMALL = ["--configfile", "tests/config.yaml"]


def checkout(target):
    """A copy of the tracked and new files of this checkout, without results."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    kept = Path("workflow/scripts/weightspace/__pycache__", reruns.PLACE.name)
    if (ROOT / kept).is_file():  # so that the copy's first run need not parse the library again
        (target / kept).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / kept, target / kept)
    return target


def publish(folder):
    """Make https://github.com/someone/weightspace a repository below a folder that holds this checkout, tagged v1.

    Returns: the environment in which git, and with it Snakemake, finds it there.
    """
    repository = checkout(folder / "someone/weightspace")
    author = ["-c", "user.name=someone", "-c", "user.email=someone@example.org"]
    for command in (["init"], ["add", "."], [*author, "commit", "--message", "all"], ["tag", "v1"]):
        subprocess.run(["git", *command], cwd=repository, capture_output=True, check=True)
    return {
        "XDG_CACHE_HOME": str(folder / "cache"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{folder}/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
    }


def snakemake(folder, *arguments, environment=None):
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={**os.environ, **(environment or {})}, check=False
    )


def jobs(folder, *arguments, environment=None):
    """How many jobs of each rule a dry run would do."""
    done = snakemake(folder, "-n", *arguments, environment=environment)
    assert done.returncode == 0, done.stderr
    return counted(done.stdout + done.stderr)


def counted(said):
    """How many jobs of each rule Snakemake says that there are."""
    counts = dict(re.findall(r"^(\w+) +(\d+)$", said, flags=re.MULTILINE))
    return {rule: int(count) for rule, count in counts.items() if rule not in ("total", "all")}


def small_checkout(target, mnist_raw):
    """A copy whose tests/config.yaml takes the images from a folder, so that no run downloads them again."""
    folder = checkout(target)
    small = yaml.safe_load((folder / "tests/config.yaml").read_text(encoding="utf-8"))
    small["dataset"] = {"directory": str(mnist_raw)}
    (folder / "tests/config.yaml").write_text(yaml.safe_dump(small), encoding="utf-8")
    return folder


def made(folder, *kinds):
    """Bytes of all files under the given folders of results, by path."""
    results = folder / "results"
    return {
        str(path.relative_to(results)): path.read_bytes()
        for kind in kinds
        for path in sorted((results / kind).rglob("*"))
        if path.is_file()
    }


def whole_run():
    """The folder that WEIGHTSPACE_REFERENCE names, in which the small run of this very code has ended, or None."""
    named = os.environ.get("WEIGHTSPACE_REFERENCE")
    if not named:
        return None
    assert (Path(named) / "results/report.html").exists(), (
        f"WEIGHTSPACE_REFERENCE is {named}, where no run has finished"
    )
    return Path(named)


def small_run(target, mnist_raw, *targets):
    """A checkout in which the small run has ended, as a copy of `whole_run` or made here: of the targets, or of
    everything.
    """
    if named := whole_run():
        folder = checkout(target)
        for made_by_it in ("results", ".snakemake/metadata"):
            shutil.copytree(named / made_by_it, folder / made_by_it, dirs_exist_ok=True)
        return folder
    return new_run(target, mnist_raw, *SMALL, "--", *targets)


def new_run(target, mnist_raw, *arguments):
    """A checkout in which a run with these arguments has ended, made here and now."""
    folder = small_checkout(target, mnist_raw)
    done = snakemake(folder, *arguments)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def reference(target, mnist_raw, targets):
    """Folder with the targets of an undisturbed small run: `whole_run`, else a new one."""
    return whole_run() or small_run(target, mnist_raw, *targets)


def differing(folder, other, *kinds):
    """A sentence for each file of a run that is not the same, byte for byte, in another one, which may hold more."""
    ours, theirs = made(folder, *kinds), made(other, *kinds)
    assert ours, f"{folder} holds no {' and '.join(kinds)}"
    return [_parting(name, ours[name], theirs.get(name)) for name in ours if ours[name] != theirs.get(name)]


def unequal(folder, other, *kinds):
    """The same for two runs that should hold the same files."""
    missing = made(other, *kinds).keys() - made(folder, *kinds).keys()
    return [*differing(folder, other, *kinds), *(f"{name} is in the other run alone" for name in sorted(missing))]


def _parting(name, ours, theirs):
    if theirs is None:
        return f"{name} is not in the other run"
    at = next(
        (place for place, (one, another) in enumerate(zip(ours, theirs, strict=False)) if one != another),
        min(len(ours), len(theirs)),
    )
    around = slice(max(0, at - 40), at + 40)
    return (
        f"{name} differs from byte {at} on: {ours[around]} and {theirs[around]}, of {len(ours)} and {len(theirs)} bytes"
    )


def scripted_rules():
    """``(rule, script, environment, text)`` of every rule of the workflow that runs a script; environment is the file's
    stem. A rule that is made of another one has its script, and the text of both.
    """
    found = {}
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        text = path.read_text(encoding="utf-8")
        for head, body in re.findall(
            r"^ *((?:use )?rule [^:\n]+):\n(.*?)(?=^ *(?:use )?rule |\Z)", text, flags=re.MULTILINE | re.DOTALL
        ):
            made = re.fullmatch(r"use rule (\w+) as (\w+) with", head)
            name = made[2] if made else head.removeprefix("rule ")
            whole = body + (found[made[1]][3] if made else "")
            script = re.search(r'"\.\./scripts/(\w+\.py)"', whole).group(1)
            environment = re.search(r'"\.\./\.\./envs/(\w+)\.yaml"', whole).group(1)
            found[name] = name, script, environment, whole
    return found.values()
