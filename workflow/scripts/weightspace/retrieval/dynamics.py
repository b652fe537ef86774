"""How recall goes: sweeps and flips to convergence, energy by sweep, dependence on the order of updating, 2-cycles of
the synchronous rule.
"""

import numpy as np
import pandas as pd
from jaxtyping import Float64, Int8

from weightspace.estimates import NONE, all_possible, estimates_by, mean_over_seeds, share_over_seeds
from weightspace.memories.memory import AssociativeMemory

# Shares of images: column of `follow_recall`, a truth value for each image.
SHARES = ("settled", "order_state_differs", "order_label_differs", "synchronous_two_cycle", "synchronous_state_differs")
MEANS = ("sweeps", "flips")


def energies_by_sweep(
    memory: AssociativeMemory, states: Int8[np.ndarray, "B N"], *, sweeps: int
) -> Float64[np.ndarray, "B {sweeps}+1"]:
    """Energies at the start and after each of the first sweeps of sequential recall; a settled state keeps its own."""
    single = memory.recalling(sweeps=1)
    energies = [memory.energy(states)]
    for _ in range(sweeps):
        states = single.recall(states, order="sequential").states
        energies.append(memory.energy(states))
    return np.stack(energies, axis=1)


def follow_recall(
    memory: AssociativeMemory, images: Int8[np.ndarray, "B N"], *, sweeps: int, seed: int
) -> pd.DataFrame:
    """Recall images in three orders of updating.

    Args: sweeps, after how many of the first sweeps the energy is taken; seed, of the random order, which is one for
    all images.

    Returns:
        One row per image. Sequential order: ``settled``, ``sweeps``, ``flips``, ``energy_0`` ... by
        sweep, ``energy_end``. A random order of the neurons: ``order_state_differs`` and ``order_label_differs`` from
        the sequential one's final state and nearest label. All neurons at once: ``synchronous_two_cycle``, and
        ``synchronous_state_differs``, which also holds for cycles.
    """
    sequential = memory.recall(images, order="sequential")
    shuffled = memory.recalling(seed=seed).recall(images, order="random")
    together = memory.recall(images, order="synchronous")
    energies = energies_by_sweep(memory, images, sweeps=sweeps)
    return pd.DataFrame(
        {
            "settled": sequential.settled,
            "sweeps": sequential.sweeps,
            "flips": sequential.flips,
            **{f"energy_{number}": column for number, column in enumerate(energies.T)},
            "energy_end": memory.energy(sequential.states),
            "order_state_differs": (shuffled.states != sequential.states).any(axis=1),
            "order_label_differs": memory.read(shuffled) != memory.read(sequential),
            "synchronous_two_cycle": together.cycled,
            "synchronous_state_differs": (together.states != sequential.states).any(axis=1),
        }
    )


def summarise(images: pd.DataFrame) -> pd.DataFrame:
    """The table `recall_dynamics` from rows of `follow_recall` with the columns memory and seed, over seeds.

    ``energy`` is the mean at the start (sweep 0) and after so many sweeps; ``energy_to_fall`` the mean of what is still
    to fall, as a share of the image's whole fall, over images whose energy falls at all.
    """
    return estimates_by(["memory"], images, _quantities).astype({"sweep": "Int64"})


def _quantities(images):
    seeds = [seed for _, seed in images.groupby("seed")]
    for quantity in SHARES:
        estimate = share_over_seeds([seed[quantity].sum() for seed in seeds], [len(seed) for seed in seeds])
        yield {"quantity": quantity, "sweep": pd.NA, **vars(estimate)}
    for quantity in MEANS:
        yield {"quantity": quantity, "sweep": pd.NA, **_mean([seed[quantity] for seed in seeds], (0.0, np.inf))}
    for number in range(sum(column.startswith("energy_") for column in images) - 1):
        energies = [seed[f"energy_{number}"] for seed in seeds]
        yield {"quantity": "energy", "sweep": number, **_mean(energies, (-np.inf, np.inf))}
        left = [_to_fall(seed, energy) for seed, energy in zip(seeds, energies, strict=True)]
        yield {"quantity": "energy_to_fall", "sweep": number, **_mean(left, (0.0, 1.0))}


def _to_fall(seed, energy):
    falls = seed.energy_0 > seed.energy_end
    return ((energy - seed.energy_end) / (seed.energy_0 - seed.energy_end))[falls]


def _mean(columns, bounds):
    """Mean over seeds of the means over images, seeds without images left out."""
    means = [column.mean() for column in columns if len(column)]
    if not means:
        low, high = all_possible(bounds)
        return {"estimate": np.nan, "low": low, "high": high, "n": 0, "seeds": 0, "interval": NONE}
    return vars(mean_over_seeds(means, n=sum(map(len, columns)), bounds=bounds))
