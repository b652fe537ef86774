"""Whether training keeps the order in which a layer's units start: at every step, by what they are ordered by.

Musunuru et al., section II.C.1, say that the initial order of weights is kept at every moment of training, for every
permutation of the start. The second half is true: a permuted start takes the permuted path (docs/theory.md, proposition
7). The first half is what is measured here.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from weightspace.draws import generator
from weightspace.estimates import estimates_by, largest_of, mean_over_seeds, share_of_seeds
from weightspace.logs import progress
from weightspace.networks.gradient_steps import descend, draw_batches, error_of
from weightspace.networks.weight_layers import Layer, Layers, random_layers
from weightspace.symmetry import equioutput_group

CELL = ("width", "optimiser", "learning_rate", "gap", "encoding")
# Quantities that a network has or has not; those that are shares of a network's pairs, images or steps; the largest
# found. All others are means over seeds.
PROPERTIES = ("kept", "kept_first_step")
SHARES = ("out_of_order", "cone_changes", "train_error")
LARGEST = ("equivariance_deviation",)
ENCODINGS = {"signs": (-1.0, 1.0), "bits": (0.0, 1.0)}


Cell = Mapping[str, Any]  # a setting: the columns of `CELL`


@dataclass(frozen=True)
class LearningTask:
    """What the networks learn: images and targets of ±1, and two pixels, one that varies most and one that never does,
    where there is one.
    """

    images: Float[np.ndarray, "n N"]
    targets: Float[np.ndarray, "n C"]
    varied: int
    constant: int | None

    @classmethod
    def of(cls, images: Float[np.ndarray, "n N"], targets: Float[np.ndarray, "n C"]) -> "LearningTask":
        """Choose the pixels."""
        spread = images.var(axis=0)
        still = np.flatnonzero(spread == 0)
        return cls(images, targets, int(spread.argmax()), int(still[0]) if len(still) else None)

    def encoded(self, encoding: str) -> Float[np.ndarray, "n N"]:
        """The images with black and white as in `ENCODINGS`."""
        low, high = ENCODINGS[encoding]
        return np.where(self.images > 0, high, low)

    def keys(self, layers: Layers) -> dict[str, Float[np.ndarray, "H"]]:
        """What the hidden units can be ordered by."""
        (incoming, biases), (outgoing, _) = layers
        constant = {} if self.constant is None else {"constant_pixel": incoming[:, self.constant]}
        norms = np.sqrt(np.einsum("hn,hn->h", incoming, incoming))
        return {
            "bias": biases,
            "incoming_weight": incoming[:, self.varied],
            **constant,
            "output_weight": outgoing[0],
            "norm": norms,
        }


def settings_of(
    *,
    width: int,
    learning_rate: float,
    widths: Sequence[int],
    learning_rates: Sequence[float],
    gaps: Sequence[float],
    optimisers: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """The settings that are measured: gradient descent at ``width`` and ``learning_rate``, and each factor varied by
    itself.

    Args:
        optimisers: each with ``optimiser`` and ``learning_rate``, since a rate that suits one does not suit another.
    """
    base = {"width": width, "optimiser": "sgd", "learning_rate": learning_rate, "gap": 0, "encoding": "signs"}
    varied = {"width": widths, "learning_rate": learning_rates, "gap": gaps, "encoding": ["bits"]}
    changes: list[dict[str, Any]] = [{factor: value} for factor, values in varied.items() for value in values]
    changes += map(dict, optimisers)
    every = [base, *({**base, **change} for change in changes)]
    return [cell for place, cell in enumerate(every) if cell not in every[:place]]


def start_of(task: LearningTask, cell: Cell, *, random: np.random.Generator) -> list[Layer]:
    """Initial layers: as PyTorch draws them, biases spaced evenly around 0 where the cell has a gap."""
    layers = random_layers((task.images.shape[1], cell["width"], task.targets.shape[1]), generator=random)
    if cell["gap"]:
        layers[0][1][:] = cell["gap"] * (np.arange(cell["width"]) - (cell["width"] - 1) / 2)
    return layers


def measure_order(
    task: LearningTask,
    cell: Cell,
    *,
    steps: int,
    batch_size: int,
    shown: Container[int],
    random: np.random.Generator,
) -> list[dict[str, Any]]:
    """Train one network and compare the order of its hidden units with the initial one after each step.

    Args:
        cell: width, optimiser, learning_rate, gap (of the biases; 0 leaves them as drawn) and encoding.
        shown: steps at which the share of pairs out of order is kept.
        random: draws the start and the batches.

    Returns:
        key, step, quantity, value, n. Of the pairs adjacent at the start, ``out_of_order`` is the
        share that stands the other way round; ``kept`` is 1 if none did after any step; ``first_crossing`` is the first
        step at which one did, missing where none did; ``smallest_gap`` and ``median_gap`` between neighbours at the
        start; ``median_move`` and ``largest_move`` of the units by the end.
        ``cone_changes``: share of steps that lead into another canonical cone, another order of the biases' magnitudes
            or another sign; ``kept`` of the key ``cone``: 1 if none does.
    """
    images, layers = task.encoded(cell["encoding"]), start_of(task, cell, random=random)
    start = {key: values.copy() for key, values in task.keys(layers).items()}
    orders = {key: np.argsort(values) for key, values in start.items()}
    pairs, crossed = cell["width"] - 1, dict.fromkeys(start, np.nan)
    batches = draw_batches(len(images), steps=steps, batch_size=batch_size, generator=random)
    rows: list[dict[str, Any]] = []
    cone, changes = _cone(layers), 0
    path = descend(
        layers, images, task.targets, batches, optimiser=cell["optimiser"], learning_rate=cell["learning_rate"]
    )
    for step, _ in enumerate(path, start=1):
        for key, values in task.keys(layers).items():
            wrong = int((np.diff(values[orders[key]]) < 0).sum())
            if wrong and np.isnan(crossed[key]):
                crossed[key] = step
            if step in shown:
                rows.append({"key": key, "step": step, "quantity": "out_of_order", "value": wrong / pairs, "n": pairs})
        before, cone = cone, _cone(layers)
        changes += cone != before
    for key, values in task.keys(layers).items():
        gaps = np.diff(np.sort(start[key]))
        found = {
            "kept": np.isnan(crossed[key]),
            "kept_first_step": crossed[key] != 1,
            "first_crossing": crossed[key],
            "smallest_gap": gaps.min(),
            "median_gap": np.median(gaps),
            "median_move": np.median(np.abs(values - start[key])),
            "largest_move": np.abs(values - start[key]).max(),
        }
        rows += [
            {"key": key, "step": steps, "quantity": quantity, "value": float(value), "n": 1}
            for quantity, value in found.items()
        ]
    error = error_of(layers, images, task.targets.argmax(axis=1))
    rows.append({"key": "none", "step": steps, "quantity": "train_error", "value": error, "n": len(images)})
    rows.append({"key": "cone", "step": steps, "quantity": "cone_changes", "value": changes / steps, "n": steps})
    rows.append({"key": "cone", "step": steps, "quantity": "kept", "value": float(not changes), "n": 1})
    return rows


def _cone(layers: Layers) -> bytes:
    """Which copy of the wedge the weights lie in: the order of the biases' magnitudes and the signs, as bytes."""
    biases = layers[0][1]
    return np.argsort(np.abs(biases)).tobytes() + np.signbit(biases).tobytes()


def measure_ordering(
    task: LearningTask,
    varied: Mapping[str, Any],
    *,
    equivariance: Sequence[float],
    training: Mapping[str, int],
    seeds: int,
) -> pd.DataFrame:
    """All settings and seeds: rows of `measure_order`, and of `measure_equivariance` for each of the learning rates
    ``equivariance``.

    Args:
        varied: keyword arguments of `settings_of`.
        training: ``steps`` and ``batch_size``.

    Returns:
        the columns of `CELL`, seed, key, step, quantity, value, n.
    """
    rows, cells = [], settings_of(**varied)
    shown = sorted({int(step) for step in np.geomspace(1, training["steps"], 25).round()})
    for seed in range(seeds):
        for cell in progress(cells, what=f"settings, seed {seed}"):
            # The same start and the same batches for all cells of one width.
            found = measure_order(
                task, cell, **training, shown=shown, random=generator(seed, "ordering", cell["width"])
            )
            rows += [{**cell, "seed": seed, **row} for row in found]
        for rate in equivariance:
            cell = {**cells[0], "learning_rate": rate}
            largest = measure_equivariance(task, cell, **training, random=generator(seed, "equivariance"))
            rows.append({**cell, "seed": seed, **largest})
    return pd.DataFrame(rows)


def measure_equivariance(
    task: LearningTask, cell: Cell, *, steps: int, batch_size: int, random: np.random.Generator
) -> dict[str, Any]:
    """Largest difference of any weight, after any step, between the path of a permuted and flipped start and the
    permuted and flipped path.
    """
    images, layers = task.encoded(cell["encoding"]), start_of(task, cell, random=random)
    transformation = equioutput_group.random_transformation((cell["width"],), generator=random)
    moved = equioutput_group.apply(transformation, layers)
    batches = draw_batches(len(images), steps=steps, batch_size=batch_size, generator=random)
    options = {"optimiser": cell["optimiser"], "learning_rate": cell["learning_rate"]}
    paths = (descend(network, images, task.targets, batches, **options) for network in (layers, moved))
    largest = 0.0
    for one, other in zip(*paths, strict=True):
        expected = equioutput_group.apply(transformation, one)
        largest = max(
            largest,
            *(
                float(np.abs(a - b).max())
                for x, y in zip(expected, other, strict=True)
                for a, b in zip(x, y, strict=True)
            ),
        )
    return {"key": "all", "step": steps, "quantity": "equivariance_deviation", "value": largest, "n": steps}


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """The table `ordering` from rows with the columns of `CELL` and seed: at the end of training, over seeds.

    ``first_crossing`` is over the seeds in which the order was broken.
    """
    last = rows[rows["step"] == rows.groupby([*CELL, "key", "quantity"])["step"].transform("max")]
    known = last[last.groupby([*CELL, "key", "quantity"])["value"].transform("count") > 0]
    return estimates_by([*CELL, "key", "quantity"], known, _over_seeds)


def _over_seeds(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    reached, quantity = rows.dropna(subset="value"), rows["quantity"].iloc[0]
    n = int(reached["n"].sum())
    if quantity in PROPERTIES:
        found = share_of_seeds(reached["value"])
    elif quantity in LARGEST:
        found = largest_of(reached["value"], n=n)
    else:
        bounds = (0.0, 1.0) if quantity in SHARES else (0.0, np.inf)
        found = mean_over_seeds(reached["value"], n=n, bounds=bounds)
    yield {"steps": int(rows["step"].iloc[0]), **vars(found)}
