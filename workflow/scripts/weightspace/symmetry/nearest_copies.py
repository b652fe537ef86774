"""How far a random start lies from the nearest copy of a solution, by width: Hecht-Nielsen's munificence, a minimum for
everyone nearby.

The more copies a solution has, the nearer the nearest one should be. Musunuru et al., section II.C.1; Hecht-Nielsen
(1990).
"""

import numpy as np

from weightspace.networks.gradient_steps import descend, draw_batches
from weightspace.networks.weight_layers import logits
from weightspace.symmetry.alignment import align, angle
from weightspace.symmetry.equioutput import random_network


def measure_munificence(images, targets, *, widths, steps, batch_size, learning_rate, generator):
    """Train one network of each width from a random start, and look from another random start at the solution and at
    its nearest copy.

    Args:
        images: (n, N) float64; targets: (n, C) of ±1.
        widths: numbers of hidden units; all else is equal, plain gradient descent included.

    Returns:
        list of dicts with hidden, quantity, value, n. Angles in degrees: from the solution to its own start, to another
        start as it stands, and from that start to the nearest copy of the solution (exact) and, for comparison, of the
        solution's start, where nothing was learnt; by how many degrees these change when the width doubles, by least
        squares; the share of images that the solution gets wrong.
    """
    rows, angles = (
        [],
        {
            "angle_of_random_start": [],
            "angle_of_random_start_to_nearest_copy": [],
            "angle_of_random_starts_to_nearest_copy": [],
        },
    )
    for width in widths:
        sizes = (images.shape[1], width, targets.shape[1])
        start, other = (random_network(sizes, generator=generator) for _ in range(2))
        solution = [(weights.copy(), biases.copy()) for weights, biases in start]
        batches = draw_batches(len(images), steps=steps, batch_size=batch_size, generator=generator)
        for _ in descend(solution, images, targets, batches, optimiser="sgd", learning_rate=learning_rate):
            pass
        wrong = float((logits(solution, images).argmax(axis=1) != targets.argmax(axis=1)).mean())
        nearest = align(other, solution).angle
        angles["angle_of_random_start"].append(angle(other, solution))
        angles["angle_of_random_start_to_nearest_copy"].append(nearest)
        angles["angle_of_random_starts_to_nearest_copy"].append(align(other, start).angle)
        found = {name: values[-1] for name, values in angles.items()} | {
            "angle_of_own_start": angle(start, solution),
            "train_error": wrong,
        }
        rows += [{"hidden": width, "quantity": quantity, "value": value, "n": 1} for quantity, value in found.items()]
    for name, values in angles.items():
        slope = float(np.polyfit(np.log2(widths), values, 1)[0]) if len(widths) > 1 else np.nan
        rows.append({"hidden": 0, "quantity": f"{name}_per_doubling", "value": slope, "n": len(widths)})
    return rows
