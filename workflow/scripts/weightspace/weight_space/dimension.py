"""Steps of gradient descent to a given loss by width, the learning rate tuned for each width by the same budget, and
the slope on log-log axes.

Full-batch descent changes a first layer only within the span of the patterns, and answers to the patterns depend on
nothing else. So the patterns' coordinates in that span take the place of their pixels: the same path, in as many
dimensions as there are patterns.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from weightspace.data.patterns import Patterns
from weightspace.draws import balanced_order, generator
from weightspace.estimates import estimates_by, mean_over_seeds
from weightspace.networks.gradient_steps import gradients, loss_of, targets_of
from weightspace.networks.weight_layers import Layer, Layers, logits, random_layers


def in_span(layers: Layers, patterns: Float[np.ndarray, "P N"]) -> tuple[list[Layer], Float[np.ndarray, "P r"]]:
    """The network and the patterns in an orthonormal basis of the patterns' span: the same logits from r inputs."""
    basis, coordinates = np.linalg.qr(patterns.T)  # (N, r), (r, P)
    return [(layers[0][0] @ basis, layers[0][1]), *layers[1:]], coordinates.T


def steps_to_loss(
    layers: Layers,
    patterns: Float[np.ndarray, "P N"],
    targets: Float[np.ndarray, "P C"],
    *,
    loss: float,
    learning_rate: float,
    most: int,
) -> int:
    """Steps of full-batch gradient descent on the paper's loss until it is at most ``loss``; ``most`` if it has not
    come so far by then.
    """
    for step in range(most):
        if loss_of(logits(layers, patterns), targets) <= loss:
            return step
        layers = [
            (weights - learning_rate * slope, biases - learning_rate * lift)
            for (weights, biases), (slope, lift) in zip(layers, gradients(layers, patterns, targets), strict=True)
        ]
    return most


def measure_dimension(
    data: Patterns,
    *,
    widths: Sequence[int],
    patterns: int,
    loss: float,
    learning_rates: Sequence[float],
    tuning: int,
    most: int,
    seeds: int,
) -> pd.DataFrame:
    """For each width, tune the learning rate on ``tuning`` networks, then count steps on ``seeds`` others; every width
    tries the same rates.

    Returns:
        rows width, weights, phase (``tuning`` or ``measured``), seed, learning_rate, steps, reached.
    """
    rows = []
    for width in widths:
        weights = width * (data.size + 1) + data.classes * (width + 1)

        def count(phase: str, seed: int, rate: float, width: int = width, weights: int = weights) -> int:
            drawn = generator(seed, "dimension", phase, width)
            order = balanced_order(data.train_labels, generator=generator(seed, "dimension patterns", phase))
            chosen = order[:patterns]
            network = random_layers((data.size, width, data.classes), generator=drawn)
            layers, inputs = in_span(network, data.train(chosen).astype(float))
            targets = targets_of(data.train_labels[chosen], data.classes)
            steps = steps_to_loss(layers, inputs, targets, loss=loss, learning_rate=rate, most=most)
            head = {"width": width, "weights": weights, "phase": phase, "seed": seed}
            rows.append({**head, "learning_rate": rate, "steps": steps, "reached": steps < most})
            return steps

        totals = [sum(np.log(max(1, count("tuning", seed, rate))) for seed in range(tuning)) for rate in learning_rates]
        best = learning_rates[int(np.argmin(totals))]
        for seed in range(seeds):
            count("measured", seed, best)
    return pd.DataFrame(rows)


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """The table `dimension`: tuned rate and mean steps by width, and the slope of log steps on log number of weights, a
    t-interval over seeds.

    Where a network did not get there in the steps allowed, those count, which can only flatten the slope: ``reached``
    is the share that did.
    """
    measured = rows[rows.phase == "measured"]
    found = estimates_by(["width", "weights"], measured, _steps, sort=True)
    slopes = [
        np.polyfit(np.log(group.weights), np.log(group.steps.clip(lower=1)), 1)[0]
        for _, group in measured.groupby("seed")
    ]
    estimate = mean_over_seeds(slopes, n=len(measured))
    slope = {"quantity": "slope", "reached": measured.reached.mean(), **vars(estimate)}
    return pd.concat([found, pd.DataFrame([slope])], ignore_index=True).astype({"width": "Int64", "weights": "Int64"})


def _steps(networks: pd.DataFrame) -> Iterator[dict[str, Any]]:
    estimate = mean_over_seeds(networks.steps, n=len(networks), bounds=(0.0, np.inf))
    head = {"learning_rate": networks.learning_rate.iloc[0], "reached": networks.reached.mean()}
    yield {**head, "quantity": "steps", **vars(estimate)}
