"""What all rules share: the checked configuration, names of models and files, settings of a job, and the report."""

import os
import subprocess
import sys
from pathlib import Path

# An installed weightspace must not win over this checkout's, neither here nor in the jobs.
SCRIPTS = Path(workflow.basedir) / "workflow" / "scripts"
sys.path.insert(0, str(SCRIPTS))
os.environ.update(
    PYTHONPATH=os.pathsep.join(filter(None, [str(SCRIPTS), os.environ.get("PYTHONPATH")])),
    # One thread for floating-point work: several would add in another order, and equal configurations must give equal tables.
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
)

import yaml

from weightspace.code_version import code_version
from weightspace.configuration import ConfigError, check_claims, check_config
from weightspace.raw_names import RAW_NAMES

# Relative, because a recorded absolute path would make a moved checkout run everything again.
WORKFLOW = Path(os.path.relpath(Path(workflow.basedir) / "workflow"))
CLAIMS = str(WORKFLOW / "claims.yaml")
CAPTIONS = sorted(str(path) for path in (WORKFLOW / "report").rglob("*.*"))
try:
    check_config(config)
    claims = yaml.safe_load(Path(CLAIMS).read_text(encoding="utf-8"))
    check_claims(claims)
except ConfigError as error:
    sys.exit(f"Configuration refused: {error}")

SEEDS = range(config["seeds"])
NETWORKS, MEMORIES, ATTACKS = (config["run"][kind] for kind in ("networks", "memories", "attacks"))
# Memories that store patterns; a trained dense memory has learnt from all images and stores none.
STORING = [name for name in MEMORIES if "patterns" in config["memories"][name]]
DATASET = config["dataset"]["name"]
RAW = [f"results/data/{DATASET}/raw/{name}" for name in RAW_NAMES]
PATTERNS = f"results/data/{DATASET}/patterns.npz"
# Tables that claims are decided from.
DECIDING = sorted({part["table"] for claim in claims["claims"].values() for part in claim["parts"]})
# What the run makes; each topic's file adds its own.
TABLES = [
    "claims",
    "paper_experiment",
    "paper_experiment_seeds",
    "stability",
    "attacks",
    "networks",
]
FIGURES = [
    "fig1_hopfield_network",
    "fig2_energy_before_training",
    "fig3_gradient_descent",
    "fig4_energy_after_training",
    "fig5_energy_change",
    "adversarial_examples",
    "paper_experiment",
]
PARAGRAPHS = []  # reStructuredText files for the report's first page, in the order in which they are to be read


wildcard_constraints:
    seed="[0-9]+",
    network="|".join(NETWORKS),
    memory="|".join(MEMORIES),
    attack="|".join(ATTACKS),
    model="|".join([*NETWORKS, *MEMORIES]),


def tables(ending):
    return [f"results/tables/{name}.{ending}" for name in TABLES]


def figures(ending):
    return [f"results/figures/{name}.{ending}" for name in FIGURES]


def learning_rules():
    """Definitions of the rules that are measured, in the order of the configuration."""
    return {name: config["capacity"]["rules"][name] for name in config["capacity"]["run"]}


def storing_memories():
    """Definitions of the memories of this run that store patterns, in the order of the configuration."""
    return {name: config["memories"][name] for name in STORING}


def model_settings(kind):
    """Settings of a training job: the definition of its own model and no other's."""

    def settings(wildcards):
        name = wildcards["network" if kind == "networks" else "memory"]
        common = {"definition": config[kind][name], "dataset": DATASET}
        return common | ({"device": config["device"]} if kind == "networks" else {})

    return settings


def training_images(network):
    """Files that a network learns from: the patterns, or the raw files for grey images."""
    return PATTERNS if config["networks"][network]["input"] == "binary" else RAW


def digits_settings(name):
    """Settings of the count of all patterns of one way of shrinking: its own models' definitions and no other's."""
    space, digits = config["pattern_space"], config["pattern_space"]["digits"][name]
    return {
        "dataset": f"{DATASET}_{name}",
        "digits": {key: digits[key] for key in ("shape", "crop", "threshold", "classes")},
        "models": {
            "definitions": {network: config["networks"][network] for network in digits["networks"]},
            "rules": {rule_name: config["capacity"]["rules"][rule_name] for rule_name in digits["rules"]},
            "hidden": space["hidden"],
            "stored": digits["stored"],
        },
        "seeds": min(space["seeds"], config["seeds"]),
        "largest": space["largest"],
        "device": config["device"],
    }


def coverage_settings():
    """Settings of the test of the intervals: the models of its digits, and how it splits."""
    space = config["pattern_space"]
    coverage, counted = space["coverage"], digits_settings(space["coverage"]["digits"])
    return {
        "digits": counted["digits"],
        "models": counted["models"],
        "measure": {key: coverage[key] for key in ("draws", "radii", "repeats", "shell", "hypergeometric")},
        "splitting": {key: space["rare"][key] for key in ("particles", "steps", "runs")},
    }


def estimate_settings(model):
    """Settings of the estimates around whole images for one model."""
    space = config["pattern_space"]
    rare = {key: value for key, value in space["rare"].items() if key != "models"}
    measure = {"exhaustive": model in space["exhaustive"], "certified": space["certified"]}
    return {
        "dataset": DATASET,
        "measure": measure | {"rare": rare if model in space["rare"]["models"] else None},
        "sweeps": config["recall"]["sweeps"],
        "device": config["device"],
    }


def attack_settings(wildcards):
    return {
        "definition": config["attacks"][wildcards.attack],
        "test_images": config["adversarial"]["test_images"],
        "stored_images": max(config["memories"][name]["patterns"] for name in STORING),
        "device": config["device"],
    }


def table_outputs(name):
    return [f"results/tables/{name}.csv", f"results/tables/{name}.md"]


def reported_table(name, category):
    """The CSV of a table, shown in the report, and its Markdown."""
    csv, markdown = table_outputs(name)
    shown = report(
        csv,
        caption=f"../report/tables/{name}.rst",
        category=category,
        labels={"table": name.replace("_", " ")},
    )
    return [shown, markdown]


def reported_figure(name, category):
    """The SVG of a figure, shown in the report, and its PNG."""
    shown = report(
        f"results/figures/{name}.svg",
        caption=f"../report/figures/{name}.rst",
        category=category,
        labels={"figure": name.replace("_", " ")},
    )
    return [shown, f"results/figures/{name}.png"]


def write_report():
    """After a whole run, write results/report.html; keep the old one, and say so, if that fails."""
    target, new = Path("results/report.html"), Path("results/report/.new.html")
    if "all" not in {target.name for target in workflow.dag.targetrules}:
        return  # a partial run: what it did not ask for may be old
    resolved = Path("results/report/config.yaml")
    resolved.write_text(yaml.safe_dump(dict(config), sort_keys=True), encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "-s", workflow.main_snakefile]
    command += ["--nolock", "--workflow-profile", "none", "--replace-workflow-config"]
    command += ["--configfile", str(resolved), "--report", str(new)]
    command += ["--report-stylesheet", str(WORKFLOW / "report" / "style.css")]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode == 0 and new.exists():
        os.replace(new, target)
        print(f"Report: {target}", file=sys.stderr)
    else:
        new.unlink(missing_ok=True)
        reason = (made.stderr or "no reason given").strip().splitlines()[-1]
        print(f"The results are complete, but the report could not be written: {reason}", file=sys.stderr)
