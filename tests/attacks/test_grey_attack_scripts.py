"""The way of attacks on grey images from raw files to tables and figures, script by script, without Snakemake."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

import binarise_images
import check_grey_attacks
import choose_examples
import craft_adversarial
import craft_ensemble
import craft_on_memory
import draw_grey_attacks
import score_images
import tabulate_grey_attacks
import train_continuous_memory
import train_memory
import train_network
from weightspace.data import IMAGES, LABELS
from weightspace.data.raw_files import write_idx

LINF = {"domain": "grey", "norm": "linf", "budgets": [0.2, 0.6]}
ATTACKS = {
    "pgd": {**LINF, "method": "pgd", "knowledge": "gradients", "steps": 5, "step_size": 0.4},
    "noise": {**LINF, "method": "noise", "knowledge": "none"},
}
NETWORK = {"architecture": "mlp", "hidden": [4], "activation": "tanh", "loss": "rms", "optimiser": "sgd"} | {
    "learning_rate": 0.1,
    "batch_size": 10,
    "epochs": 5,
    "input": "grey",
    "labels": "given",
}
MEMORIES = {
    "hebbian": {"rule": "hebbian", "patterns": 2},
    "dense": {"rule": "dense", "energy": "polynomial", "exponent": 3, "patterns": 2},
}
CONTINUOUS = {"rule": "continuous", "images": 20, "validation": 10, "betas": [0.5], "steps": 1}
CRAFTING = {"definitions": ATTACKS, "images": {"pgd": 20, "noise": 20}, "stored": {"pgd": 2}, "device": "cpu"}
SCORING = {"sweeps": 10, "threshold": 0.5}
SEEDS = range(2)
TABLES = {
    "error_by_budget": ("attacks", "smallest_budgets"),
    "grey_comparisons": ("grey_differences",),
    "transfer": ("transfer", "model_dependence", "ensembles"),
    "paper_experiment": ("paper_experiment", "paper_experiment_seeds"),
}


def by_seed(folder, ending):
    return [str(folder / f"seed{seed}.{ending}") for seed in SEEDS]


def models_of_halves(folder):
    """A network and two memories of 60 images of 4 x 6 pixels in two classes: the upper half is white, or the lower
    one. Returns: the raw files, and the models' files by name.
    """
    labels = np.arange(60) % 2
    images = np.zeros((60, 4, 6), dtype=np.uint8)
    images[labels == 0, :2] = images[labels == 1, 2:] = 255
    for split in ("train", "test"):
        write_idx(folder / IMAGES[split], images)
        write_idx(folder / LABELS[split], labels.astype(np.uint8))
    raw, patterns = [str(folder / names["train"]) for names in (IMAGES, LABELS)], str(folder / "patterns.npz")
    binarise_images.main(raw, [patterns], {"threshold": 0.5})
    models = {name: by_seed(folder / name, "safetensors") for name in ("network", *MEMORIES)}
    histories = {name: by_seed(folder / name, "csv") for name in models}
    settings = {"definition": NETWORK, "dataset": "halves", "seeds": SEEDS, "device": "cpu"}
    made = SimpleNamespace(models=models["network"], histories=histories["network"])
    train_network.main(SimpleNamespace(images=raw), made, settings)
    models["continuous"] = by_seed(folder / "continuous", "safetensors")
    made = SimpleNamespace(models=models["continuous"], histories=by_seed(folder / "continuous", "csv"))
    settings = {"definition": CONTINUOUS, "dataset": "halves", "threshold": 0.5}
    train_continuous_memory.main(SimpleNamespace(raw=raw), made, settings)
    for name, definition in MEMORIES.items():
        made = SimpleNamespace(models=models[name], histories=histories[name])
        settings = {"definition": definition, "dataset": "halves"}
        train_memory.main(SimpleNamespace(patterns=patterns), made, settings)
    return raw, models


def test_models_are_attacked_scored_checked_tabulated_and_drawn(tmp_path):
    raw, models = models_of_halves(tmp_path)
    images = {
        name: by_seed(tmp_path / "adversarial" / name, "npz")
        for name in ("pgd/network", "pgd/continuous", "pgd/both", "noise/none")
    }
    craft_adversarial.main(SimpleNamespace(raw=raw, models=models["network"]), images["pgd/network"], CRAFTING)
    craft_adversarial.main(SimpleNamespace(raw=raw), images["noise/none"], CRAFTING)
    craft_on_memory.main(SimpleNamespace(raw=raw, models=models["continuous"]), images["pgd/continuous"], CRAFTING)
    members = [*models["network"], *models["dense"]]
    craft_ensemble.main(SimpleNamespace(raw=raw, models=members), images["pgd/both"], CRAFTING)
    attacked = [path for paths in images.values() for path in paths]
    scores = {name: by_seed(tmp_path / "scores/network" / name, "npz") for name in models}
    for name, paths in scores.items():
        score_images.main(SimpleNamespace(models=models[name], adversarial=attacked), paths, SCORING)

    checks = tmp_path / "checks.csv"
    settings = {"definitions": ATTACKS, "probes": {"images": 10, "attack": "pgd", "against_masking": ["pgd"]}}
    given = {"raw": raw, "models": models["network"][:1], "adversarial": attacked, "own": scores["network"]}
    check_grey_attacks.main(SimpleNamespace(**given, transferred=scores["network"]), [checks], settings)
    verdicts = pd.read_csv(checks).set_index("check").verdict
    assert verdicts["images within domain, norm and budget"] == verdicts["success grows with the budget"] == "passed"
    assert verdicts["an attack by scores alone"] == "failed"  # no such attack was made

    noises = {"pgd": "noise", "noise": None}
    settings = {
        "error_by_budget": {"noises": noises},
        "grey_comparisons": {"pairs": [["network", "continuous"]], "portfolio": ["pgd"]},
        "transfer": {
            "networks": ["network"],
            "rules": {"network": "feedforward", "continuous": "continuous", "hebbian": "hopfield", "dense": "dense"},
            "noises": noises,
            "sources": ["network", "both", "none"],
            "attacks": list(ATTACKS),
            "ensembles": {"both": {"members": ["network", "dense"], "held_out": ["hebbian"]}},
        },
        "paper_experiment": {"attacks": ["pgd"], "noises": noises, "memories": MEMORIES},
    }
    tables = {}
    for about, names in TABLES.items():
        made = {name: [str(tmp_path / f"{name}.{ending}") for ending in ("csv", "md")] for name in names}
        chosen = [name for name in scores if about == "transfer" or name != "continuous"]
        chosen = ["network", "continuous"] if about in ("error_by_budget", "grey_comparisons") else chosen
        given = [path for name in chosen for path in scores[name]]
        tabulate_grey_attacks.main(
            SimpleNamespace(scores=given), SimpleNamespace(**made), {"about": about, **settings[about]}
        )
        tables |= {name: paths[0] for name, paths in made.items()}
    attacks = pd.read_csv(tables["attacks"]).query(
        "network == 'network' and answer == 'grey' and images == 'all' and quantity == 'error'"
    )
    errors = attacks.set_index(["attack", "budget"]).estimate
    assert errors["clean", 0] == 0
    assert errors["pgd", 0.6] == 1  # beyond one half, black and white change places
    compared = pd.read_csv(tables["grey_differences"]).set_index("budget")
    assert compared.loc[0.6, ["error", "reference_error", "estimate"]].tolist() == [1, 1, 0]
    assert compared.loc[0.2, "reference_error"] < 1
    experiment = pd.read_csv(tables["paper_experiment"]).query("budget == 0.6 and source == 'test'")
    assert (experiment[experiment.quantity == "adversarial"].estimate == 1).all()
    assert (experiment[experiment.quantity == "clean"].estimate == 0).all()
    lost = experiment[experiment.quantity == "lost_minus_noise"]
    assert lost.estimate.between(0.5, 0.9).all()  # noise beyond one half, either sign, loses some as well
    assert len(lost) == 4
    ensembles = pd.read_csv(tables["ensembles"]).query("budget == 0.6 and quantity == 'net'")
    assert set(ensembles.source) == {"leave_one_out", "network"}

    examples = tmp_path / "examples.npz"
    given = {"adversarial": images["pgd/network"][0], "network": models["network"][0], "memory": models["dense"][0]}
    given["patterns"] = str(tmp_path / "patterns.npz")
    shown = {"attack": "pgd", "network": "network", "memory": "dense", "budget": 0.6}
    choose_examples.main(SimpleNamespace(**given), [examples], shown | SCORING)
    figures = {name: [tmp_path / f"{name}.svg", tmp_path / f"{name}.png"] for name in draw_grey_attacks.FIGURES}
    draw_grey_attacks.main(
        SimpleNamespace(**tables, examples=examples),
        SimpleNamespace(**figures),
        {
            "error_by_budget": {"shown": ["pgd"], "strongest": "pgd"},
            "transfer_matrix": {"attack": "pgd", "ensemble_attack": "pgd", "noise": "noise", "budget": 0.6}
            | {"rules": settings["transfer"]["rules"]},
            "ensemble_transfer": {"attack": "pgd", "budget": 0.6},
            "paper_experiment": {"network": "network", "attack": "pgd", "budget": 0.6},
        },
    )
    assert all(path.stat().st_size > 1000 for paths in figures.values() for path in paths)
