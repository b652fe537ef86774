"""Scripts of the symmetries without Snakemake."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from small_spaces import rng

import draw_symmetry
import measure_barriers
import measure_equioutput
import measure_hopfield_symmetry
import measure_ordering
import tabulate_symmetry
from weightspace.data.hypercube import random_patterns
from weightspace.data.patterns import Patterns, pack, save_patterns
from weightspace.memories import learning_rules
from weightspace.networks import architectures

NETWORK = {"architecture": "mlp", "input": "binary", "hidden": [6], "activation": "tanh", "loss": "rms"}
TRAINING = {"steps": 5, "batch_size": 10}


def files_of(folder):
    """Patterns of 3 x 3 pixels, networks and memories of two seeds each: a job's inputs."""
    packed, labels = pack(random_patterns(60, 9, generator=rng(0)) > 0), np.arange(60) % 3
    save_patterns(folder / "patterns.npz", Patterns(packed[:40], packed[40:], labels[:40], labels[40:], (3, 3)))
    models = {name: [] for name in ("shown", "further", "memory")}
    for name, paths in models.items():
        (folder / name).mkdir()
        for seed in range(2):
            paths.append(folder / name / f"seed{seed}.safetensors")
            if name == "memory":
                stored = random_patterns(3, 9, generator=rng(seed))
                where = np.arange(3)
                learning_rules.train(stored, where, where, {"rule": "hebbian"}, generator=None).memory.save(paths[-1])
            else:
                activation = {"activation": "tanh" if name == "shown" else "relu"}
                module = architectures.build(NETWORK | activation, shape=(3, 3), classes=3, seed=seed)
                description = {"definition": NETWORK | activation, "shape": (3, 3), "classes": 3}
                architectures.Network(module, description).save(paths[-1])
    return folder / "patterns.npz", models


def named(folder, **names):
    return SimpleNamespace(**{key: folder / name for key, name in names.items()})


def test_symmetries_from_models_to_tables_and_figures(tmp_path):
    patterns, models = files_of(tmp_path)
    copies = named(tmp_path, copies="copies.csv", nearest="nearest.csv", example="example.npz")
    settings = {"network": "shown", "units": 2, "copies": 3, "further_copies": 2, "patterns": 10}
    settings["nearest"] = {"images": 30, "training": TRAINING | {"learning_rate": 0.1, "widths": [2, 4]}}
    given = SimpleNamespace(patterns=patterns, models=models["shown"], further=models["further"])
    measure_equioutput.main(given, copies, settings)
    rises = tmp_path / "barriers.csv"
    trained = {"widths": [2], "steps": [5], "seeds": 2, "enumerated": 2, "batch_size": 10, "learning_rate": 0.1}
    settings = {"images": 10, "points": 3, "small": {"patterns": 30, "images": 10, "trained": trained}}
    both = [*models["shown"], *models["further"]]
    measure_barriers.main(SimpleNamespace(patterns=patterns, raw=[], models=both), [rises], settings)
    memories, order = tmp_path / "memories.csv", tmp_path / "ordering.csv"
    settings = {"images": 10, "draws": 1, "sweeps": 50}
    measure_hopfield_symmetry.main(SimpleNamespace(patterns=patterns, models=models["memory"]), [memories], settings)
    varied = {"width": 4, "learning_rate": 0.1, "widths": [], "learning_rates": [0.01], "gaps": [1.0], "optimisers": []}
    settings = {"images": 30, "seeds": 2, "varied": varied, "equivariance": [0.1], **TRAINING}
    measure_ordering.main(SimpleNamespace(patterns=patterns), [order], settings)

    tables = {name: [tmp_path / f"{name}.{kind}" for kind in ("table.csv", "md")] for name in tabulate_symmetry.TABLES}
    measured = SimpleNamespace(**vars(copies), barriers=rises, memories=memories, ordering=order)
    tabulate_symmetry.main(measured, SimpleNamespace(**tables))
    equioutput = pd.read_csv(tables["equioutput"][0])
    assert {"random", "shown", "further", "trained_by_width"} == set(equioutput.weights)
    flipped = equioutput[(equioutput.quantity == "output_deviation") & (equioutput.weights == "shown")]
    assert flipped.estimate.max() < 1e-5
    rises = pd.read_csv(tables["barriers"][0]).groupby("weights").transformation.agg(set)
    assert rises["shown"] == {"none", "interchanges", "signs"}
    assert rises["further"] == {"none", "interchanges", "scales"}
    assert rises["trained_by_width"] == {"none", "interchanges", "signs", "least_barrier"}
    assert set(pd.read_csv(tables["hopfield_symmetry"][0]).memory) == {"memory"}
    assert set(pd.read_csv(tables["ordering"][0]).encoding) == {"signs", "bits"}

    figures = {name: [tmp_path / f"{name}.svg"] for name in ("equioutput", "barriers", "ordering")}
    given = {name: tables[name][0] for name in ("equioutput", "barriers")}
    given = SimpleNamespace(**given, example=copies.example, ordering=order)
    draw_symmetry.main(given, SimpleNamespace(**figures))
    assert all(path.stat().st_size > 5000 for (path,) in figures.values())


def test_a_job_makes_the_tables_that_its_output_names(tmp_path):
    patterns, models = files_of(tmp_path)
    settings = {"images": 5, "draws": 1, "sweeps": 50}
    given = SimpleNamespace(patterns=patterns, models=models["memory"][:1])
    measure_hopfield_symmetry.main(given, [tmp_path / "memories.csv"], settings)
    made = SimpleNamespace(hopfield_symmetry=[tmp_path / "made.csv", tmp_path / "made.md"])
    tabulate_symmetry.main(SimpleNamespace(memories=tmp_path / "memories.csv"), made)
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == ["made.csv", "memories.csv"]
