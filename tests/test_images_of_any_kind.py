"""Images of other sizes and classes than MNIST go through every job that measures on them, as in the small run."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from own_data import blobs

import binarise_images
import choose_pattern_examples
import convert_dataset
import count_patterns_exactly
import enumerate_weights
import follow_all_states
import follow_small_network
import map_energy_landscape
import measure_barriers
import measure_capacity
import measure_dimension
import measure_equioutput
import measure_hopfield_symmetry
import measure_loss_levels
import measure_ordering
import measure_recall
import sample_shells
import simulate_weight_volume
import train_cones
import train_memory
import train_network
from weightspace.configuration.checks import fitted_config
from weightspace.configuration.choices import with_lists
from weightspace.configuration.reading import CATALOGUE, EXPERIMENT, merged, read_yaml
from weightspace.place import ROOT
from weightspace.plan import Plan

KINDS = {"two classes, 12 x 9": ((12, 9), 2, 400), "sixteen classes, 8 x 8": ((8, 8), 16, 700)}


class Inputs(SimpleNamespace):
    """Files that a script asks for by name, as Snakemake's inputs."""

    def __getitem__(self, name):
        return getattr(self, name)


def two(folder, name, ending):
    return [str(folder / name / f"seed{seed}.{ending}") for seed in range(2)]


@pytest.fixture(scope="module", params=[*KINDS, "digits8"])
def run(request, tmp_path_factory):
    """The small run of some images: its plan, the raw files, patterns and files of models, by name."""
    folder = tmp_path_factory.mktemp("images")
    file = Path(__file__).parent / "inputs/digits8.npz"
    if request.param in KINDS:
        file, (shape, classes, count) = folder / "mine.npz", KINDS[request.param]
        np.savez(file, **blobs(shape, classes, train=count, test=count // 3))
    own = {"dataset": {"name": "mine", "file": str(file)}}
    layers = [read_yaml(path) for path in (CATALOGUE, EXPERIMENT, ROOT / "tests/config.yaml")]
    plan = Plan(fitted_config(with_lists(merged([*layers, own])), own)[0])
    raw, patterns = [str(folder / path) for path in plan.raw], str(folder / "patterns.npz")
    convert_dataset.main([str(file)], raw)
    binarise_images.main(raw, [patterns], {"threshold": 0.5})
    models = {name: two(folder, name, "safetensors") for name in ("tanh_mlp", "relu_mlp", "iterative_40_margin_1")}
    for name, files in models.items():
        made = SimpleNamespace(models=files, histories=two(folder, name, "csv"))
        if name in plan.config["networks"]:
            images = [patterns] if name == "tanh_mlp" else raw
            train_network.main(SimpleNamespace(images=images), made, plan.network_settings(name, range(2)))
        else:
            train_memory.main(SimpleNamespace(patterns=patterns), made, plan.memory_settings(name))
    return SimpleNamespace(plan=plan, folder=folder, raw=raw, patterns=patterns, models=models)


def measured(run, script, settings, *arguments, outputs=("csv",), **given):
    """Run a script, whose outputs are a list of endings, or names with endings; the files that it wrote."""
    name = script.__name__
    if isinstance(outputs, dict):
        made = SimpleNamespace(**{key: str(run.folder / f"{name}_{key}.{end}") for key, end in outputs.items()})
        paths = list(vars(made).values())
    else:
        made = paths = [str(run.folder / f"{name}{place}.{end}") for place, end in enumerate(outputs)]
    script.main(SimpleNamespace(patterns=run.patterns, **given), made, settings, *arguments)
    assert all(Path(path).stat().st_size > 50 for path in paths)
    return paths


def test_memories(run):
    plan, memory = run.plan, run.models["iterative_40_margin_1"]
    recalled = {"basins": "csv", "nearest": "csv", "dynamics": "npz"}
    measured(run, measure_recall, plan.recall_settings(), models=memory, outputs=recalled)
    for rule in plan.learning_rules():
        measured(run, measure_capacity, plan.capacity_settings(rule), rule)
    rules = {"rules": plan.learning_rules(), "networks": plan.config["attractors"]}
    follow_all_states.main(SimpleNamespace(patterns=run.patterns), [run.folder / "states.csv"], rules)
    follow_small_network.main(SimpleNamespace(images=run.raw), [run.folder / "small.npz"], plan.config["small_network"])
    measured(run, map_energy_landscape, plan.landscape_settings(), model=memory[0], outputs=("npz",))
    measured(run, measure_hopfield_symmetry, plan.hopfield_symmetry_settings(), models=memory)


def test_weight_space(run):
    plan, network = run.plan, run.models["tanh_mlp"]
    cones = plan.weight_space_settings("cones", without=["network"])
    measured(run, train_cones, cones, models=network, outputs=("npz",))
    levels = plan.weight_space_settings("loss_levels", without=["bins"])
    measured(run, measure_loss_levels, levels, outputs={"circles": "npz", "sphere": "npz"})
    measured(run, measure_dimension, plan.weight_space_settings("dimension"))
    measured(run, simulate_weight_volume, plan.weight_space_settings("volume", without=["gains"]), "1")
    counted = {"binary": "csv", "matrices": "csv", "rows": "csv"}
    measured(run, enumerate_weights, plan.enumeration_settings(), outputs=counted)


def test_symmetries(run):
    plan, network = run.plan, run.models["tanh_mlp"]
    copies = {"copies": "csv", "nearest": "csv", "example": "npz"}
    further = run.models["relu_mlp"]
    measured(run, measure_equioutput, plan.equioutput_settings(), models=network, further=further, outputs=copies)
    measured(run, measure_ordering, plan.ordering_settings())
    measured(run, measure_barriers, plan.barrier_settings(), models=[*network, *further], raw=run.raw)


def test_pattern_space(run):
    plan = run.plan
    drawn = {"sample": "npz", "shared": "npz", "images": "csv"}
    sample, _, _ = measured(run, sample_shells, plan.shell_settings(), outputs=drawn)
    models = {kind: run.models[plan.config["pattern_space"]["shown"][kind]][0] for kind in ("network", "memory")}
    given = Inputs(**models, patterns=run.patterns, sample=sample)
    choose_pattern_examples.main(given, SimpleNamespace(examples=run.folder / "e.npz"), plan.pattern_example_settings())
    counted = {"shells": "csv", "basins": "csv", "images": "csv", "maps": "npz"}
    measured(run, count_patterns_exactly, plan.digits_settings("4x4"), raw=run.raw, outputs=counted)
