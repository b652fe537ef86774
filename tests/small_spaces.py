"""Small pattern spaces for tests: random labelled images, models of them, and the tables of one space."""

import functools

import numpy as np
import pandas as pd

from weightspace.classifier import Classifier
from weightspace.data.hypercube import random_patterns
from weightspace.data.labelled_images import collect
from weightspace.memories import learning_rules
from weightspace.networks import architectures
from weightspace.pattern_space import tables
from weightspace.pattern_space.enumeration import Space, count_models
from weightspace.pattern_space.shells import SharedFlips, sample_shells
from weightspace.pattern_space.whole_images import measure

RULES = {
    "hebbian": {"rule": "hebbian"},
    "iterative": {"rule": "iterative", "margin": 1, "flip_share": 1, "passes": 100},
    "pseudo_inverse": {"rule": "pseudo_inverse", "diagonal": False},
    "dense": {"rule": "dense", "energy": "polynomial", "exponent": 3},
}


FAMILIES = {"tanh_mlp": "network", "iterative_margin_1": "iterative"}


def rng(seed):
    return np.random.default_rng(seed)


def labelled(size, count, *, classes=3, seed=0):
    """Random images with repeats of one another, some with another label."""
    patterns = random_patterns(count, size, generator=rng(seed))
    patterns[1::4] = patterns[::4][: len(patterns[1::4])]
    return collect(patterns, rng(seed + 1).integers(0, classes, count), np.arange(count) < count // 2)


def memory_of(images, rule, *, count=4, seed=0):
    trained = np.flatnonzero(images.trained)[:count]
    labels = images.counts[trained].argmax(axis=1)
    return learning_rules.train(images.patterns[trained], labels, trained, RULES[rule], generator=rng(seed)).memory


def network_of(size, *, hidden=(7,), activation="tanh", classes=3, seed=0):
    module = architectures.build(
        {"architecture": "mlp", "hidden": list(hidden), "activation": activation},
        shape=(1, size),
        classes=classes,
        seed=seed,
    )
    return architectures.Network(module)


class Silent(Classifier):
    """A classifier without any answer."""

    def predict(self, patterns):
        return np.full(len(patterns), -1)


def as_counts(rows):
    return {(row.distance, row.kind, row.labels): row.hits for row in rows.itertuples() if row.hits}


def sampled(images, distances, draws, seed=0):
    return sample_shells(images, distances, draws, generator=rng(seed))


SPLITTING = {"particles": 60, "steps": 12, "runs": 6}


@functools.cache
def tables_of_a_space():
    """The tables of a small space and of the same space by sampling, as if it were too large, for a network and a
    memory.
    """
    images = labelled(16, 20, seed=6)
    models = {"tanh_mlp": network_of(16, seed=1), "iterative_margin_1": memory_of(images, "iterative")}
    space = Space(images, largest=16)
    shells, basins, maps = count_models(space, models)
    flips, drawn = SharedFlips.of(images), sampled(images, [1, 2], 60)
    parts = [
        measure(
            model,
            images,
            drawn,
            flips,
            exhaustive=name == "tanh_mlp",
            certified={"images": 3, "distance": 3},
            rare=None,
            seed=0,
        )
        for name, model in models.items()
    ]
    head = {"dataset": "whole", "bits": 16, "images": len(images.masks), "seed": 0}
    small = shells.assign(dataset="small", bits=16, seed=0)
    whole, certified = (
        pd.concat([part[place].assign(model=name) for name, part in zip(models, parts, strict=True)]).assign(**head)
        for place in (0, 1)
    )
    exact, estimated = tables.exact_partition(small, [1, 2]), tables.estimated_partition(whole, [1, 2])
    return {
        "sums": tables.check_sums(exact),
        "partition": pd.concat([exact, estimated], ignore_index=True),
        "shares": tables.shares_by_shell(pd.concat([small, whole], ignore_index=True)),
        "certified": tables.arrange_certified(certified),
        "basins": tables.summarise_basins(basins.assign(dataset="small", bits=16, seed=0)),
        "datasets": pd.concat([images.describe("small"), images.describe("whole")]),
        "maps": {"distances": space.nearest[0], **maps},
    }
