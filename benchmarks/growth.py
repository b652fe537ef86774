"""How the cost of recall grows: with the number of images, with N and with P, and the memory that it takes.

Run it as ``python benchmarks/growth.py``; on one thread.
"""

import os

os.environ.update(
    dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)  # BLAS reads them once

import resource

import measure
import numpy as np

from weightspace.memories import quadratic_rules
from weightspace.memories.recall import Dynamics, majority

REPETITIONS = 5
SWEEPS = 1000


def recall_of(weights, states, reference):
    """A function that recalls the states, with the network made ready beforehand as a `memory.Memory` does."""
    dynamics = Dynamics(weights, reference=reference)
    return lambda: dynamics.run(states, sweeps=SWEEPS)


def per_image(cases):
    """Seconds per image (repetitions,) by name, of a dict of name to (function, number of images)."""
    for function, _ in cases.values():
        function()
    seconds = measure.times_in_turns({name: function for name, (function, _) in cases.items()}, repetitions=REPETITIONS)
    return {name: seconds[name] / count for name, (_, count) in cases.items()}


def by_images(data):
    """MNIST, P = 100: cost per image for 1,000 to 60,000 images, against that of 1,000."""
    stored = data.train(measure.stored(data, 100))
    weights, images = (
        quadratic_rules.iterative(stored, margin=1, flip_share=1, passes=1000, generator=None),
        data.train(),
    )
    cases = {
        count: (recall_of(weights, images[:count], majority(stored)), count)
        for count in (1000, 2000, 5000, 10_000, 30_000, 60_000)
    }
    costs = per_image(cases)
    return [
        ("images", f"{count:,}", *measure.ratio(cost, costs[1000]), "cost per image of 1,000")
        for count, cost in costs.items()
    ]


def by_patterns(data):
    """MNIST, 5,000 images, by P of iterative learning at margin 1, against P = 40."""
    cases, images = {}, data.test(slice(0, 5000))
    for count in (40, 100, 250, 500):
        stored = data.train(measure.stored(data, count))
        weights = quadratic_rules.iterative(stored, margin=1, flip_share=1, passes=5000, generator=None)
        cases[count] = (recall_of(weights, images, majority(stored)), len(images))
    costs = per_image(cases)
    return [("P", count, *measure.ratio(cost, costs[40]), "cost per image at P = 40") for count, cost in costs.items()]


def by_neurons():
    """Random patterns, Hebbian, P = N/16, starts with a fifth of the bits flipped: cost per image against one product
    with the weights.
    """
    cases, generator = {}, np.random.default_rng(0)
    for size in (256, 512, 1024, 2048, 4096):
        stored = generator.choice(np.array([-1, 1], dtype=np.int8), (size // 16, size))
        count = 2_000_000 // size
        starts = stored[generator.integers(0, len(stored), count)]
        starts[generator.random(starts.shape) < 0.2] *= -1
        weights = quadratic_rules.hebbian(stored)
        left, right = starts.astype(np.float32), weights.astype(np.float32)
        cases[size, "recall"] = (recall_of(weights, starts, majority(stored)), count)
        cases[size, "product"] = (lambda left=left, right=right: left @ right, count)
    costs = per_image(cases)
    sizes = [size for size, name in costs if name == "recall"]
    return [
        ("N", size, *measure.ratio(costs[size, "recall"], costs[size, "product"]), "one float32 product of that size")
        for size in sizes
    ]


def main():
    measure.print_machine()
    data = measure.mnist()
    rows = by_images(data)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"Peak memory of the whole process after the recall of 60,000 images, all data included: {peak:.0f} MB")
    rows += by_patterns(data) + by_neurons()
    print(f"\nCost of sequential recall to convergence per image, one thread, n = {REPETITIONS} repetitions in turns\n")
    measure.print_table(("by", "value", "ratio", "smallest to largest", "in units of"), rows)


if __name__ == "__main__":
    main()
