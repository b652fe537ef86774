"""What all rules share: the checked configuration, names of models and files, settings of a job, and the report."""

import os
import subprocess
import sys
from pathlib import Path

# An installed weightspace must not win over this checkout's, neither here nor in the jobs.
RULES = Path(workflow.current_basedir.get_path_or_uri(secret_free=True))
SCRIPTS = RULES.parent / "scripts"
sys.path.insert(0, str(SCRIPTS))
os.environ.update(
    PYTHONPATH=os.pathsep.join(filter(None, [str(SCRIPTS), os.environ.get("PYTHONPATH")])),
    # One thread for floating-point work: several would add in another order, and equal configurations must give equal tables.
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
    # Keep large blocks of memory for the next array of their size: else each is given back and cleared anew, a third of the time of some attacks.
    MALLOC_MMAP_THRESHOLD_="1000000000",
    MALLOC_TRIM_THRESHOLD_="1000000000",
)

import yaml

from weightspace.reruns import code_version
from weightspace.configuration.checks import check_claims, check_config
from weightspace.configuration.schema import read_yaml
from weightspace.configuration.words import ConfigError
from weightspace.report.performance import by_rule, record, section
from weightspace.attacks.flip_comparisons import compared_pairs
from weightspace.data.raw_names import RAW_NAMES
from weightspace.user_code import watched

# Relative, because a recorded absolute path would make a moved checkout run everything again.
WORKFLOW = Path(os.path.relpath(RULES.parent))
CLAIMS, ANSWERS = (str(WORKFLOW / name) for name in ("claims.yaml", "answers.yaml"))
TABLE_PAGE = str(WORKFLOW / "report" / "table.html")
CAPTIONS = sorted(str(path) for path in (WORKFLOW / "report").rglob("*.*"))
try:
    check_config(config)
    claims = read_yaml(CLAIMS)
    check_claims(claims)
except ConfigError as error:
    sys.exit(f"Configuration refused: {error}")

SEEDS = range(config["seeds"])
NETWORKS, MEMORIES, ATTACKS = (config["run"][kind] for kind in ("networks", "memories", "attacks"))
# Models that only the comparison under attack needs, besides those of `run`; they have the seeds of that comparison.
ATTACKED = list(dict.fromkeys([*NETWORKS, *config["adversarial"]["networks"]]))
COMPARED = [name for name in ATTACKED if name not in NETWORKS]
TARGETS = list(dict.fromkeys([*ATTACKED, *config["adversarial"]["memories"], *config["adversarial"]["controls"]]))
NOISES = [attack for attack in config["adversarial"]["attacks"] if config["attacks"][attack]["knowledge"] == "none"]
ENSEMBLES = config["adversarial"]["ensembles"]
COMPARED_SEEDS = range(min(config["seeds"], config["adversarial"]["seeds"]))
# Memories that store patterns, and those that have learnt from all images and store none.
STORING = [name for name in MEMORIES if "patterns" in config["memories"][name]]
LEARNT = [name for name in MEMORIES if name not in STORING]
ALL_MEMORIES = list(dict.fromkeys([*MEMORIES, *config["adversarial"]["memories"]]))
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


# Networks that have learnt to answer, without those of random labels.
ANSWERING = [name for name in ATTACKED if config["networks"][name]["labels"] == "given"]


wildcard_constraints:
    seed="[0-9]+",
    network="|".join(NETWORKS),
    memory="|".join(name for name in ALL_MEMORIES if "patterns" in config["memories"][name]),
    learnt_memory="|".join(name for name in ALL_MEMORIES if "patterns" not in config["memories"][name])
    or "no_such_memory",
    control="|".join(config["adversarial"]["controls"] or ["no_control"]),
    compared="|".join(COMPARED or ["no_other_network"]),
    ensemble="|".join(ENSEMBLES or ["no_ensemble"]),
    model="|".join([*NETWORKS, *MEMORIES]),
    target="|".join([name for name in TARGETS if name not in (*NETWORKS, *MEMORIES)] or ["no_other_model"]),


def tables(ending):
    return [f"results/tables/{name}.{ending}" for name in TABLES]


def figures(ending):
    return [f"results/figures/{name}.{ending}" for name in FIGURES]


def network_definition(name):
    """What a job that builds a network needs: its definition, and of a network of the user's own the digest of its file."""
    return watched(config["networks"][name])


def memory_definition(name):
    """What a job that trains a memory needs, as `network_definition`."""
    return watched(config["memories"][name])


def rule_definition(name):
    """What a job that trains memories by one of the rules of ``capacity`` needs, as `network_definition`."""
    return watched(config["capacity"]["rules"][name])


def pages():
    return [f"results/report/tables/{name}.html" for name in CATEGORIES]


def learning_rules():
    """Definitions of the rules that are measured, in the order of the configuration."""
    return {name: rule_definition(name) for name in config["capacity"]["run"]}


def storing_memories():
    """Definitions of the memories of this run that store patterns, in the order of the configuration."""
    return {name: config["memories"][name] for name in STORING}


def seeds_of(model):
    """Seeds of a model: all where it is in `run`, else those of the comparison under attack."""
    return SEEDS if model in (*NETWORKS, *MEMORIES) else COMPARED_SEEDS


def files_of(models, pattern):
    """The files ``pattern`` of all models with all their seeds; ``{model}`` and ``{seed}`` stand for these."""
    return [pattern.format(model=model, seed=seed) for model in models for seed in seeds_of(model)]


def one_of(wildcards):
    """The model that a job is about, whatever its rule calls it."""
    return next(
        wildcards[key]
        for key in ("network", "compared", "memory", "learnt_memory", "model", "target")
        if key in wildcards.keys()
    )


def model_settings(kind):
    """Settings of a training job: the definition of its own model and no other's."""

    def settings(wildcards):
        name = one_of(wildcards)
        common = {"definition": watched(config[kind][name]), "dataset": DATASET}
        if kind == "memories":
            return common
        seeds = [int(wildcards.seed)] if "seed" in wildcards.keys() else list(COMPARED_SEEDS)
        return common | {"device": config["device"], "seeds": seeds}

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
            "definitions": {network: network_definition(network) for network in digits["networks"]},
            "rules": {rule_name: rule_definition(rule_name) for rule_name in digits["rules"]},
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


def knows_nothing(attack):
    return config["attacks"][attack]["knowledge"] == "none"


def attacks_on(network):
    """``{attack: seeds}`` of all attacks that are made against a network."""
    compared, few = config["adversarial"], config["adversarial"]["few"]
    made = {attack: COMPARED_SEEDS for attack in compared["attacks"]} | {
        attack: SEEDS[: few["seeds"]] for attack in few["attacks"]
    }
    made |= {attack: SEEDS if network in NETWORKS else COMPARED_SEEDS for attack in ATTACKS}
    return {attack: seeds for attack, seeds in made.items() if not knows_nothing(attack)}


def attack_plan(source):
    """Pairs (attack, seed) of the files of adversarial images of a network, of an ensemble, or of ``none``, the source of noise."""
    if source == "none":
        return [(attack, seed) for attack in NOISES for seed in COMPARED_SEEDS]
    if source in config["adversarial"]["ensembles"]:
        return [(config["adversarial"]["ensemble_attack"], seed) for seed in COMPARED_SEEDS]
    return [(attack, seed) for attack, seeds in attacks_on(source).items() for seed in seeds]


def attacked_files(source, name=None):
    """The files of `attack_plan`; as a rule's pattern, with a wildcard as the source's ``name``, where many sources have the same plan."""
    return [f"results/adversarial/{attack}/{name or source}/seed{seed}.npz" for attack, seed in attack_plan(source)]


def crafting_settings(plan_of, stored=False, members=1):
    plan = attack_plan(plan_of)
    made = list(dict.fromkeys(attack for attack, _ in plan))
    few = config["adversarial"]["few"]
    return {
        "plan": plan,
        "definitions": {attack: config["attacks"][attack] for attack in made},
        "images": {
            attack: few["images"] if attack in few["attacks"] else config["adversarial"]["test_images"]
            for attack in made
        },
        "stored": {
            attack: max(config["memories"][name]["patterns"] for name in STORING)
            for attack in made
            if stored and attack in ATTACKS
        },
        "device": config["device"],
        "members": members,
    }


def sources_of_scores(model, seed):
    """Pairs (attack, source) of the files that a model with a seed answers: the paper's experiment, what is transferred, and its own attacks."""
    compared = config["adversarial"]
    pairs = [(attack, network) for attack in ATTACKS for network in NETWORKS] if model in (*NETWORKS, *MEMORIES) else []
    if model in TARGETS and seed in COMPARED_SEEDS:
        pairs += [(attack, network) for attack in compared["transferred"] for network in ATTACKED]
        pairs += [(compared["ensemble_attack"], ensemble) for ensemble in compared["ensembles"]]
        pairs += [(attack, "none") for attack in NOISES]
    if model in ATTACKED:
        pairs += [(attack, model) for attack, seeds in attacks_on(model).items() if seed in seeds]
    return list(dict.fromkeys(pairs))


def learning_rule(model):
    """The learning rule, in the paper's sense, of a model: what kind of network or memory it is, or a control."""
    if model in config["networks"]:
        definition = config["networks"][model]
        kinds = {"recurrent": "recurrent", "function": "own"}
        return "control" if definition["labels"] == "random" else kinds.get(definition["architecture"], "feedforward")
    if model in config["memories"]:
        return "dense" if "dense" in config["memories"][model]["rule"] else "hopfield"
    return config["controls"][model]["control"]


def noise_of(attack):
    """The noise of an attack's domain and norm that this run makes, or None."""
    same = [
        noise
        for noise in NOISES
        if all(config["attacks"][noise][key] == config["attacks"][attack][key] for key in ("domain", "norm"))
    ]
    return same[0] if same else None


def noises():
    """``{attack: noise}`` of all attacks of this run."""
    compared = config["adversarial"]
    return {attack: noise_of(attack) for attack in [*ATTACKS, *compared["attacks"], *compared["few"]["attacks"]]}


def papers_memory():
    """The memory that is nearest to the paper's, which learns without a margin, among those attacked; else the one that the figures show."""
    without = [name for name in STORING if config["memories"][name].get("margin") == 0 and name in TARGETS]
    return (without or [config["paper_experiment"]["memory"]])[0]


def user_attacks():
    """Files of attacks of the user's own, changes in which make attacks run again."""
    return [
        config["attacks"][attack]["file"] for attack in noises() if config["attacks"][attack]["method"] == "function"
    ]


def probed_attack():
    """The attack that is probed with more steps and restarts: the first projected gradient descent within linf."""
    made = [config["attacks"][attack] | {"name": attack} for attack in noises()]
    return next((attack["name"] for attack in made if (attack["method"], attack["norm"]) == ("pgd", "linf")), None)


def against_masking():
    """Attacks that need no gradients, and the one that is probed, which does: tried on a model without gradients."""
    made = [attack for attack in noises() if config["attacks"][attack]["norm"] == "linf"]
    return [
        attack
        for attack in made
        if config["attacks"][attack]["knowledge"] in ("scores", "labels") or attack == probed_attack()
    ]


def checked_files():
    """Pairs (attack, source) of the files of seed 0 that are checked once more, image by image."""
    pairs = [(attack, source) for source in [*ATTACKED, "none"] for attack, seed in attack_plan(source) if seed == 0]
    return pairs + [(config["adversarial"]["ensemble_attack"], ensemble) for ensemble in ENSEMBLES]


def scored_files(seeds):
    """An input function: the images that a model answers, seed by seed."""
    return lambda wildcards: [
        f"results/adversarial/{attack}/{source}/seed{seed}.npz"
        for seed in seeds
        for attack, source in sources_of_scores(one_of(wildcards), seed)
    ]


def scoring_settings(seeds):
    return lambda wildcards: {
        "sources": [sources_of_scores(one_of(wildcards), seed) for seed in seeds],
        "sweeps": config["recall"]["sweeps"],
        "threshold": config["dataset"]["threshold"],
    }


def memory(least):
    """Megabytes that a job asks a scheduler for: its least, thrice the size of its inputs, and twice as much at each retry."""

    def mem_mb(wildcards, input, attempt):
        # Inputs that are made within the same group of jobs are not there yet.
        size = sum(os.path.getsize(path) for path in input if os.path.exists(path))
        return int((least + 3 * size / 1e6) * 2 ** (attempt - 1))

    return mem_mb


def minutes(least):
    """Minutes that a job asks a scheduler for, twice as many at each retry."""

    def runtime(wildcards, attempt):
        return least * 2 ** (attempt - 1)

    return runtime


def wait_through_outages():
    """Let a run through the Slurm plugin use the commands of profiles/slurm, which wait while Slurm cannot be reached."""
    if workflow.executor_plugin.name == "slurm":
        commands = Path(workflow.basedir).resolve() / "profiles" / "slurm" / "commands"
        os.environ.update(PATH=os.pathsep.join([str(commands), os.environ.get("PATH", os.defpath)]))


def volume_settings():
    """Settings of one job of subset simulation; the gain is a wildcard."""
    return {key: value for key, value in config["weight_space"]["volume"].items() if key != "gains"}


def binary_model(name):
    """What a name in the section binary_attacks stands for, as `binary_targets.build` takes it: its own definition and no other's."""
    if name in (*TARGETS, *MEMORIES):
        return {"kind": "trained", "name": name}
    if name in config["memories"]:
        return {"kind": "stored", "memory": memory_definition(name)}
    definition = dict(config["binary_attacks"]["models"][name])
    # The memory of features is trained on them, so it is a definition; other parts are models.
    memory = {"memory": memory_definition(definition["memory"])} if definition["kind"] == "features" else {}
    parts = {
        key: binary_model(definition[key]) for key in ("memory", "network") if key in definition and key not in memory
    }
    return definition | parts | memory


def trained_parts(names):
    """Names of the trained models that models of the section binary_attacks are, or are made of."""
    found = []
    for name in names:
        if name in (*TARGETS, *MEMORIES):
            found.append(name)
        elif name not in config["memories"]:
            definition = config["binary_attacks"]["models"][name]
            keys = ("network",) if definition["kind"] == "features" else ("memory", "network")
            found += trained_parts([definition[key] for key in keys if key in definition])
    return list(dict.fromkeys(found))


def trained_files(name):
    """Files of the trained models that a model of the section binary_attacks is made of, all seeds of one after those of another."""
    return expand("results/models/{model}/seed{seed}.safetensors", model=trained_parts([name]), seed=COMPARED_SEEDS)


def binary_check_settings():
    """What the binary attacks and their checks share."""
    section = config["binary_attacks"]
    attacks = {name: section["attacks"][name] for name in section["run"]["attacks"]}
    return {
        "attacks": attacks,
        "budgets": section["budgets"],
        "images": max(definition["images"] for definition in attacks.values()),
        "pool": max(definition.get("pool", 1) for definition in attacks.values()),
    }


def binary_attack_settings(wildcards):
    model = {"model": binary_model(wildcards.flipped), "trained": trained_parts([wildcards.flipped])}
    return model | binary_check_settings() | {"seeds": len(COMPARED_SEEDS), "sweeps": config["recall"]["sweeps"]}


def purifying():
    """Whether the section binary_attacks compares anything that its figure purification shows."""
    return any(comparison in ("recall_then_classify", "same_features") for comparison, _, _ in compared_pairs(config))


def attacked_groups():
    """Who is compared in the paragraph on memories under attack, and at which number of flips: 8 where that is a budget, else the middle one."""
    section = config["binary_attacks"]
    models, budgets = section["run"]["models"], section["budgets"]
    return {
        "network": section["network"],
        "networks": [
            name for name in models if name in config["networks"] and config["networks"][name]["labels"] == "given"
        ],
        "memories": [name for name in models if name in config["memories"]],
        "controls": [name for name in models if section["models"].get(name, {}).get("kind") == "nearest_neighbour"],
        "budget": 8 if 8 in budgets else budgets[len(budgets) // 2],
    }


def table_outputs(name):
    return [f"results/tables/{name}.csv", f"results/tables/{name}.md"]


CATEGORIES = {}  # of the tables that the report shows: {name: heading in its menu}


def reported_table(name, category):
    """The CSV and the Markdown of a table that the report shows under a heading, as the page that `show_tables` makes of it."""
    CATEGORIES[name] = category
    return table_outputs(name)


def table_page(name):
    """The page of a table in the report: Snakemake itself only offers a CSV for download."""
    return report(
        f"results/report/tables/{name}.html",
        caption=f"../report/tables/{name}.rst",
        category=CATEGORIES[name],
        labels={"table": f"table: {name.replace('_', ' ')}", "figure": ""},
    )


def reported_figure(name, category):
    """The SVG of a figure, shown in the report, its PNG, and its PDF for a paper."""
    shown = report(
        f"results/figures/{name}.svg",
        caption=f"../report/figures/{name}.rst",
        category=category,
        labels={"table": "", "figure": name.replace("_", " ")},
    )
    return [shown, f"results/figures/{name}.png", f"results/paper/figures/{name}.pdf"]


def let_cores_limit_starts():
    """Where jobs run on this machine, lift Snakemake's limit of 100 starts a second.

    Under that limit each job that ends leaves behind one more timer, which looks at all ready jobs every second: after a hundred jobs the scheduler of
    Snakemake 9.27 alone takes a quarter of a core.
    """
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


def write_report():
    """After a whole run, write results/report.html; keep the old one, and say so, if that fails."""
    target, new = Path("results/report.html"), Path("results/report/.new.html")
    if (
        "all" not in {target.name for target in workflow.dag.targetrules}
        or workflow.dag_settings.until
        or workflow.dag_settings.omit_from
    ):
        return  # a partial run: what it did not ask for may be old
    resolved = Path("results/report/config.yaml")
    resolved.write_text(yaml.safe_dump(dict(config), sort_keys=True), encoding="utf-8")
    made_with = record(resolved.read_text(encoding="utf-8"), seeds=config["seeds"], device=config["device"])
    performance = section(by_rule("results/performance"))
    Path("results/report/performance.rst").write_text(f"{made_with}\n{performance}", encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "-s", workflow.main_snakefile]
    command += ["--nolock", "--workflow-profile", "none", "--replace-workflow-config"]
    command += ["--configfile", str(resolved), "--report", str(new)]
    command += ["--report-stylesheet", str(WORKFLOW / "report" / "style.css")]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode == 0 and new.exists():
        page, end, rest = new.read_text(encoding="utf-8").rpartition("</body>")
        script = (WORKFLOW / "report" / "large_pages.js").read_text(encoding="utf-8")
        new.write_text(f"{page}<script>\n{script}</script>\n{end}{rest}", encoding="utf-8")
        os.replace(new, target)
        print(f"Report: {target}", file=sys.stderr)
    else:
        new.unlink(missing_ok=True)
        reason = (made.stderr or "no reason given").strip().splitlines()[-1]
        print(f"The results are complete, but the report could not be written: {reason}", file=sys.stderr)
