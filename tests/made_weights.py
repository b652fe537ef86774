"""Small networks, memories and tasks for the tests of symmetry and of the weight space."""

import io
import itertools

import numpy as np
import pandas as pd

from weightspace.data.hypercube import random_patterns
from weightspace.figures import style
from weightspace.memories import learning_rules
from weightspace.networks.weight_layers import random_layers
from weightspace.splitting import log_share, simulate
from weightspace.symmetry import equioutput, ordering


def rng(seed):
    return np.random.default_rng(seed)


def network(widths, seed, *, inputs=4, outputs=3, kind=np.float64):
    """Random layers with hidden layers of ``widths`` units."""
    random, sizes = rng(seed), (inputs, *widths, outputs)
    return [
        (random.standard_normal((b, a)).astype(kind), random.standard_normal(b).astype(kind))
        for a, b in itertools.pairwise(sizes)
    ]


def bits(layers):
    return b"".join(part.tobytes() for layer in layers for part in layer)


def memory_of(rule="iterative", count=3, size=14, seed=0, **definition):
    patterns = random_patterns(count, size, generator=rng(seed))
    definition = {
        "iterative": {"margin": 0, "flip_share": 1, "passes": 200},
        "dense": {"energy": "polynomial", "exponent": 3},
    }.get(rule, {}) | definition
    return learning_rules.train(
        patterns, np.arange(count), np.arange(count), {"rule": rule, **definition}, generator=rng(seed)
    ).memory


def task(images=60, pixels=6, classes=3, seed=0):
    """Random patterns with a constant pixel, and labels."""
    random = rng(seed)
    patterns = random.choice([-1.0, 1.0], size=(images, pixels))
    patterns[:, 2] = -1
    return ordering.LearningTask.of(patterns, 2 * np.eye(classes)[random.integers(classes, size=images)] - 1)


def drawn(figure):
    """Size of the figure's PNG and the texts in it; drawing it shows what is wrong with it."""
    buffer = io.BytesIO()
    with style.paper():
        figure.savefig(buffer, format="png", dpi=60)
    return buffer.tell(), [
        text.get_text() for axes in figure.axes for text in (*axes.texts, axes.title, axes.xaxis.label)
    ]


def small_task(inputs=15, count=12):
    return random_patterns(count, inputs, generator=rng(1)).astype(float), rng(2).integers(0, 10, count)


def volumes(space, largest, *, runs=6, seed=0, particles=300, sweeps=5, levels=1000, target=0):
    drawn = [
        simulate(
            space,
            largest=largest,
            target=target,
            particles=particles,
            sweeps=sweeps,
            levels=levels,
            generator=rng((seed, i)),
        )
        for i in range(runs)
    ]
    return np.array([run.log_share for run in drawn])


def log10_share(logs):
    return log_share(logs).decimal()


def table_and_example_of_copies():
    """The table `equioutput` of small networks and of a larger one, and the example of figure 6."""
    layers = random_layers((9, 6, 3), generator=rng(0))
    patterns = rng(1).choice([-1.0, 1.0], size=(10, 9))
    rows = [
        {"seed": seed, **row}
        for seed in (0, 1)
        for row in equioutput.measure_small(largest=2, patterns=5, generator=rng(seed))
    ]
    trained = equioutput.measure_trained(layers, name="tanh_mlp", copies=5, patterns=patterns, generator=rng(2))
    rows += [{"seed": seed, **row} for seed in (0, 1) for row in trained]
    nearest = pd.DataFrame([{"seed": 0, "hidden": 4, "quantity": "train_error", "value": 0.1, "n": 1}])
    example = equioutput.example(layers, patterns, units=2, copies=5, generator=rng(3), shown=4) | {
        "shape": np.array([3, 3])
    }
    return equioutput.summarise(pd.DataFrame(rows), nearest), example
