"""Scripts of the pattern space without Snakemake."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from small_spaces import labelled, network_of, rng, sampled

import sample_shells
import tabulate_pattern_space
from weightspace.data.hypercube import random_patterns
from weightspace.data.patterns import Patterns, pack, save_patterns
from weightspace.files import read_npz
from weightspace.pattern_space.enumeration import Space, count_models
from weightspace.pattern_space.shells import SharedFlips, ShellSample, images_of
from weightspace.pattern_space.whole_images import estimate_kinds


def named(folder, *names):
    return SimpleNamespace(**{Path(name).stem: folder / name for name in names})


def test_shells_are_sampled_around_all_images_of_a_file(tmp_path):
    packed = pack(random_patterns(30, 16, generator=rng(0)) > 0)
    labels = np.arange(30) % 3
    data = Patterns(packed[:20], packed[20:], labels[:20], labels[20:], (4, 4))
    save_patterns(tmp_path / "patterns.npz", data)
    given = SimpleNamespace(patterns=tmp_path / "patterns.npz")
    output = named(tmp_path, "sample.npz", "shared.npz", "images.csv")
    settings = {"dataset": "d", "radius": 2, "draws": 40}
    sample_shells.main(given, output, settings)
    sample, images = ShellSample.of_arrays(read_npz(output.sample)), images_of(data)
    apart = (sample.patterns != images.patterns[sample.image]).sum(axis=1)
    assert (apart == sample.distance).all()
    assert set(sample.distances) == {1, 2}
    shared = SharedFlips(**read_npz(output.shared))
    assert (shared.flips == SharedFlips.of(images).flips).all()
    assert pd.read_csv(output.images).patterns.tolist() == [len(images.masks)]


def test_tables_are_made_of_counts_alone(tmp_path):
    images = labelled(9, 14, seed=3)
    shells, _, _ = count_models(Space(images, largest=9), {"network": network_of(9)})
    sampled_shells, _ = estimate_kinds(network_of(9), images, sampled(images, [1], 30))
    head = {"dataset": "d", "bits": 9, "seed": 0}
    memory = pd.DataFrame({"model": ["m"], "kind": ["stored"], "attractors": [1], "states": [512], "largest": [512]})
    certified = pd.DataFrame({"model": ["network"], "readout": ["answer"], "distance": [1], "certified": [3], "n": [4]})
    files = {
        "shells": shells.assign(**head),
        "whole": sampled_shells.assign(**head, model="network", images=len(images.masks)),
        "basins": memory.assign(**head),
        "images": images.describe("d"),
        "certified": certified.assign(
            **head, estimate=0.75, low=0.2, high=1.0, interval="clopper-pearson", guarantee="exact"
        ),
        "rare": pd.DataFrame(columns=["dataset", "model", "seed"]),
    }
    for name, rows in files.items():
        rows.to_csv(tmp_path / name, index=False)
    made = ("sums", "partition", "shares", "datasets", "basins", "certified", "rare")
    output = SimpleNamespace(**{name: [tmp_path / f"{name}.csv", tmp_path / f"{name}.md"] for name in made})
    settings = {"radii": [1, 2], "shown_radii": [1]}
    given = SimpleNamespace(**{name: [tmp_path / name] for name in files})
    tabulate_pattern_space.main(given, output, settings)
    assert pd.read_csv(output.sums[0]).estimate.tolist() == [0]
    partition = pd.read_csv(output.partition[0], dtype={"count": str})
    assert partition.groupby("part")["count"].nunique().loc["P_t"] == 1
    assert pd.read_csv(output.rare[0]).empty
