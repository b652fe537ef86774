"""The way of attacks by flips from patterns to tables and figures, script by script, without Snakemake."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

import attack_binary
import choose_attacked_images
import draw_bit_flips
import flip_at_random
import score_flips
import search_flips
import tabulate_bit_flips
from weightspace.data.hypercube import random_patterns
from weightspace.data.patterns import Patterns, save_patterns

MODELS = {
    "nearest": {"kind": "nearest_neighbour", "patterns": 6},
    "hebbian": {"kind": "stored", "memory": {"rule": "hebbian", "patterns": 3}},
}
ATTACKS = {
    "single_flips": {"method": "single_flips", "images": 8, "knowledge": "labels"},
    "gradient_flips": {"method": "gradient_flips", "images": 8, "knowledge": "gradients", "growth": 0, "lookahead": 2}
    | {"surrogates": {"steps": [1], "steepness": [4]}},
}
SEARCH = {"images": 5, "others": 5, "pool": 20, "queries": [50, 100], "largest": 20, "candidates": 4}
SEARCH |= {"surrogates": {"steps": [1], "steepness": [4]}, "pairs": [["hebbian", "nearest"]]}
SHARED = {"seeds": 2, "budgets": [1, 4], "sweeps": 100}


def test_models_are_attacked_scored_tabulated_and_drawn(tmp_path):
    rows = random_patterns(30, 20, generator=np.random.default_rng(0))
    packed, labels = np.packbits(rows > 0, axis=1), (rows[:, 0] > 0).astype(np.int64)
    patterns, random = str(tmp_path / "patterns.npz"), str(tmp_path / "random.npz")
    save_patterns(patterns, Patterns(packed, packed, labels, labels, (4, 5)))
    flip_at_random.main(
        SimpleNamespace(patterns=patterns), [random], {"seeds": 2, "images": 10, "budgets": SHARED["budgets"]}
    )
    attacked = {name: str(tmp_path / f"{name}.npz") for name in MODELS}
    for name, model in MODELS.items():
        settings = {**SHARED, "model": model, "attacks": ATTACKS, "images": 8, "pool": 5}
        attack_binary.main(SimpleNamespace(patterns=patterns, models=[]), [attacked[name]], settings, name)
    answers, searches = str(tmp_path / "answers.npz"), {name: str(tmp_path / f"search_{name}.npz") for name in MODELS}
    choose_attacked_images.main(
        SimpleNamespace(patterns=patterns, models=[]),
        [answers],
        {"models": MODELS, "sweeps": 100, "seeds": 2, "among": 20},
    )
    for name, model in MODELS.items():
        inputs = SimpleNamespace(patterns=patterns, answers=answers, models=[])
        search_flips.main(inputs, [searches[name]], {**SEARCH, "model": model, "seeds": 2, "sweeps": 100}, name)
    scores = [str(tmp_path / f"seed{seed}.npz") for seed in range(2)]
    for seed, path in enumerate(scores):
        score_flips.main(
            SimpleNamespace(
                patterns=patterns, models=[], attacked=attacked.values(), random=random, searches=searches.values()
            ),
            [path],
            {"models": MODELS, "sweeps": 100},
            str(seed),
        )
    names = ("flips", "minimal", "transfer", "differences", "strength", "purification")
    tables = {name: [str(tmp_path / f"{name}.{ending}") for ending in ("csv", "md")] for name in names}
    tabulate_bit_flips.main(
        SimpleNamespace(scores=scores, patterns=patterns, answers=answers, searches=searches.values()),
        SimpleNamespace(**tables),
        {
            "knowledge": {name: attack["knowledge"] for name, attack in ATTACKS.items()},
            "pairs": [("memory_or_network", "hebbian", "nearest")],
            "source": "nearest",
            "models": list(MODELS),
            "budgets": SHARED["budgets"],
            "largest": SEARCH["largest"],
            "decided": SEARCH["pairs"],
            "images": SEARCH["images"],
        },
    )
    table = pd.read_csv(tables["flips"][0]).set_index(["model", "attack", "budget", "images"])
    assert table.loc[("nearest", "best", 0, "right_clean"), "estimate"] == 0
    differences = pd.read_csv(tables["differences"][0])
    decided = differences[differences.attack == "portfolio"]
    assert set(decided.quantity) == {"error", "median_flips"}
    assert set(decided.images) == {"right_under_both"}
    assert set(pd.read_csv(tables["strength"][0]).quantity) == {"error", "gain_by_doubling"}
    best, noise = (table.loc[("nearest", attack, 4, "all"), "estimate"] for attack in ("best", "random"))
    assert best > noise + 0.3
    drawn = [str(tmp_path / f"minimal_flips.{ending}") for ending in ("svg", "png", "pdf")]
    draw_bit_flips.main(
        SimpleNamespace(**{name: paths[0] for name, paths in tables.items()}),
        SimpleNamespace(minimal_flips=drawn),
        {"figures": ["minimal_flips"], "network": "nearest", "families": {}},
    )
    assert all((tmp_path / f"minimal_flips.{ending}").stat().st_size > 1000 for ending in ("svg", "png", "pdf"))
