"""From a trained memory to the tables and figures of retrieval, script by script, without Snakemake."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from made_memories import HEBBIAN, measured, memory_of, rng

import draw_retrieval
import measure_recall
import tabulate_energy
import tabulate_retrieval
from weightspace.data.hypercube import random_patterns
from weightspace.data.patterns import Patterns, pack, save_patterns
from weightspace.files import write_csv
from weightspace.retrieval.attractors import follow_all_states
from weightspace.retrieval.stability import count_minima

SETTINGS = {
    "sweeps": 50,
    "basins": {"distances": [0, 2], "patterns": 3, "starts": 2},
    "dynamics": {"images": 6, "energy_sweeps": 1},
}


def test_recall_of_a_memory_becomes_tables_and_figures(tmp_path):
    stored = random_patterns(3, 16, generator=rng(0))
    memory, labels = memory_of(stored), np.arange(3)
    models = [str(tmp_path / f"seed{seed}.safetensors") for seed in (0, 1)]
    for path in models:
        memory.save(path)
    images = pack(random_patterns(9, 16, generator=rng(1)) > 0)
    save_patterns(tmp_path / "patterns.npz", Patterns(pack(stored > 0), images, labels, np.arange(9), (4, 4)))
    endings = {"basins": "csv", "dynamics": "npz", "nearest": "csv"}
    made = SimpleNamespace(**{name: tmp_path / f"{name}/hebbian_3.{ending}" for name, ending in endings.items()})
    measure_recall.main(SimpleNamespace(patterns=tmp_path / "patterns.npz", models=models), made, SETTINGS)

    counts = measured(HEBBIAN, 30, [2, 8]).assign(rule="hebbian")
    write_csv(tmp_path / "hebbian.csv", counts)
    head = {"rule": "hebbian", "data": "random", "neurons": 16, "stored": 3, "seed": 0}
    write_csv(tmp_path / "attractors.csv", follow_all_states(memory).assign(**head))
    settings = {"rules": {"hebbian": HEBBIAN}}
    tables = {name: [tmp_path / f"{name}.csv", tmp_path / f"{name}.md"] for name in tabulate_retrieval.TABLES}
    for names, measurement in (
        (("capacity", "capacity_shares"), tmp_path / "hebbian.csv"),
        (("basins",), made.basins),
        (("nearest_pattern",), made.nearest),
        (("attractors",), tmp_path / "attractors.csv"),
        (("recall_dynamics",), made.dynamics),
    ):
        output = SimpleNamespace(**{name: [tmp_path / "tables" / path.name for path in tables[name]] for name in names})
        tabulate_retrieval.main(SimpleNamespace(measured=[measurement]), output, settings)
    written = {name: tmp_path / f"tables/{name}.csv" for name in tables}
    basins = pd.read_csv(written["basins"])
    assert set(basins.memory) == {"hebbian_3"}
    assert (basins[(basins.distance == 0) & (basins.outcome == "returned")].estimate == 1).all()
    assert (pd.read_csv(written["recall_dynamics"]).memory == "hebbian_3").all()
    nearest = pd.read_csv(written["nearest_pattern"])
    assert set(nearest.inputs) == {"stored_flipped", "test"}
    assert set(nearest[nearest.quantity == "most_end_nearest"].interval) == {"clopper-pearson"}

    figures = {
        name: [tmp_path / f"{name}.{ending}" for ending in ("svg", "png", "pdf")] for name in ("capacity", "basins")
    }
    draw_retrieval.main(SimpleNamespace(**written), SimpleNamespace(**figures), {"families": {}})
    assert all(path.stat().st_size for paths in figures.values() for path in paths)


def test_minima_become_a_table(tmp_path):
    memory = memory_of(random_patterns(2, 16, generator=rng(0)))
    write_csv(tmp_path / "hebbian_2.csv", pd.DataFrame([{"seed": 0, **count_minima(memory, margin=0)}]))
    output = [tmp_path / "stability.csv", tmp_path / "stability.md"]
    definitions = {"hebbian_2": {"rule": "hebbian", "patterns": 2}}
    tabulate_energy.main(
        SimpleNamespace(measured=[tmp_path / "hebbian_2.csv"]),
        SimpleNamespace(stability=output),
        {"memories": definitions},
    )
    table = pd.read_csv(output[0])
    assert table.memory.tolist() == ["hebbian_2"] * 2
    assert table.distance.tolist() == [1, 2]
