"""Scripts of the weight space without Snakemake."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from small_spaces import rng

import draw_weight_space
import enumerate_weights
import measure_dimension
import measure_loss_levels
import simulate_weight_volume
import tabulate_weight_space
import train_cones
from weightspace.data.hypercube import random_patterns
from weightspace.data.patterns import Patterns, pack, save_patterns
from weightspace.networks import architectures

NETWORK = {"architecture": "mlp", "hidden": [8], "activation": "tanh", "loss": "rms"}
VOLUME = {"patterns": 6, "held_out": 8, "threshold": 0.6, "hidden": 3}


def patterns_of(folder):
    """Images of 4 x 4 pixels in two classes, those of a class alike."""
    labels = np.arange(160) % 2
    images = random_patterns(160, 16, generator=rng(0))
    images[:, :6] = np.where(labels == 0, 1, -1)[:, None]
    packed = pack(images > 0)
    data = Patterns(packed[:120], packed[120:], labels[:120], labels[120:], (4, 4))
    save_patterns(folder / "patterns.npz", data)
    return SimpleNamespace(patterns=folder / "patterns.npz")


def test_weight_space_from_images_to_tables_and_figures(tmp_path):
    images = patterns_of(tmp_path)
    counted = SimpleNamespace(**{name: tmp_path / f"{name}.csv" for name in ("binary", "matrices", "rows")})
    perceptron = {"perceptron": {"units": 1, "inputs": 9, "tasks": ["teacher", "digits", "random"]}}
    binary = {"models": perceptron, "patterns": [2, 4], "held_out": 10, "threshold": 0.7, "seeds": 2}
    matrices = {"neurons": 4, "digits": [2, 2], "stored": [1], "seeds": 2, "threshold": 0.5}
    rows = {"neurons": 21, "loads": [0.25], "seeds": 2, "particles": 60, "sweeps": 2, "levels": 100}
    enumerate_weights.main(images, counted, {"binary_weights": binary, "matrices": matrices, "rows": rows})
    settings = VOLUME | {"draws": 1, "runs": 3, "particles": 60, "sweeps": 2, "levels": 60}
    settings["further"] = {"gain": 1, "draws": 2, "runs": 1, "held_out_runs": 1, "plain": 500}
    simulate_weight_volume.main(images, [tmp_path / "gain1.csv"], settings, "1")
    loss_levels = {"hidden": 8, "patterns": 10, "held_out": 10, "threshold": 0.6, "circles": 2, "points": 5}
    loss_levels |= {"map_points": 5, "seeds": 2, "training": {"steps": 300, "batch_size": 10, "learning_rate": 0.2}}
    levels = SimpleNamespace(circles=tmp_path / "circles.npz", sphere=tmp_path / "sphere.npz")
    measure_loss_levels.main(images, levels, loss_levels)
    dimension = {"widths": [2, 4], "patterns": 10, "loss": 0.9, "learning_rates": [0.1, 0.5], "tuning": 1, "most": 30}
    measure_dimension.main(images, [tmp_path / "dimension.csv"], dimension | {"seeds": 2})
    models = [tmp_path / f"seed{seed}.safetensors" for seed in range(3)]
    for seed, path in enumerate(models):
        module = architectures.build(NETWORK, shape=(4, 4), classes=2, seed=seed)
        architectures.Network(module, {"definition": NETWORK, "shape": (4, 4), "classes": 2}).save(path)
    given = SimpleNamespace(patterns=images.patterns, models=models)
    settings = {"hidden": 3, "patterns": 8, "radius": 2, "candidates": 100}
    settings |= {"steps": 5, "most_steps": 20, "batch_size": 4, "learning_rate": 0.1}
    train_cones.main(given, [tmp_path / "cones.npz"], settings)

    tables = {
        name: [tmp_path / f"table_{name}.{kind}" for kind in ("csv", "md")] for name in tabulate_weight_space.TABLES
    }
    measured = SimpleNamespace(
        **vars(counted),
        volumes=[tmp_path / "gain1.csv"],
        cones=tmp_path / "cones.npz",
        circles=levels.circles,
        dimension=tmp_path / "dimension.csv",
    )
    made = SimpleNamespace(**tables, cone_points=tmp_path / "cone_points.npz")
    tabulate_weight_space.main(measured, made, {"bins": 3})
    found = {name: pd.read_csv(csv) for name, (csv, _) in tables.items()}
    assert found["weight_partition"].groupby(["task", "patterns"]).estimate.sum().round(4).eq(1).all()
    assert {"W_e", "W_g", "W_n"} < set(found["weight_volume"].quantity)
    volumes = found["weight_volume"].set_index(["draw", "method", "quantity"])
    assert volumes.loc[("all", "simulation", "W_e"), "seeds"] == 3
    assert volumes.loc[("0", "plain", "W_g"), "n"] == 500
    assert {"angle_beyond_within", "training_error_spread"} < set(found["cones"].quantity)
    assert found["cones"].patterns.le(8).all()
    assert set(found["dimension"].quantity) == {"steps", "slope"}

    names = ("weight_volume", "angles", "objective_and_cones", "cones_on_hypersphere")
    figures = {name: [tmp_path / f"{name}.svg"] for name in names}
    shown = {name: tables[name][0] for name in ("weight_volume", "weight_partition", "cones", "loss_levels")}
    given = SimpleNamespace(**shown, circles=levels.circles, sphere=levels.sphere, cone_points=made.cone_points)
    draw_weight_space.main(given, SimpleNamespace(**figures), VOLUME)
    assert all(path.stat().st_size > 5000 for (path,) in figures.values())
