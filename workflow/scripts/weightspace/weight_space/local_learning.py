"""The local learning coefficient of a minimum, estimated as Lau et al. (2023) do: how fast the volume of weights of
nearly the same loss shrinks around it, `V(ε) ~ ε^λ` (Watanabe 2009).

`λ̂ = n β (E[L] − L(w*))`, `β = 1 / ln n`, the mean taken over weights near the minimum w* with density
`exp(−n β L(w) − γ/2 ‖w − w*‖²)`. They are drawn by Langevin steps, each accepted or refused by Metropolis' rule (MALA),
so that no step size biases the mean, as it does without (SGLD). A regular minimum of d weights has λ = d / 2. The
interval is of the mean at this n: what n itself leaves, docs/theory.md says (proposition 17).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Float

from weightspace.estimates import Estimate, mean_over_seeds

# Losses and gradients of C weight vectors at once.
Objective = Callable[[Float[np.ndarray, "C d"]], tuple[Float[np.ndarray, "C"], Float[np.ndarray, "C d"]]]

_WANTED = 0.57  # share of accepted steps at which Langevin steps are most efficient (Roberts & Rosenthal 1998)
_LOOKED = 25  # steps between two changes of the step size while chains settle


@dataclass(frozen=True)
class LocalCoefficient:
    """An estimate with Student's interval over independent chains, the share of steps ``accepted``, and ``mixing``, the
    variance between chains in units of that within (R̂, Gelman & Rubin 1992): above 1.1 the chains have not met, and the
    interval is none.
    """

    estimate: Estimate
    accepted: float
    mixing: float


def local_learning_coefficient(
    objective: Objective,
    minimum: Float[np.ndarray, " d"],
    *,
    images: int,
    generator: np.random.Generator,
    localisation: float = 1.0,
    chains: int = 8,
    steps: int = 2000,
    settling: int = 1000,
) -> LocalCoefficient:
    """The local learning coefficient at a ``minimum``.

    Args:
        objective: mean losses over the images, and their gradients.
        images: n, whose logarithm is the temperature.
        localisation: γ, in units of 1 / weight².
        chains: independent ones, three at least; all start at the minimum.
        steps: of each chain whose losses count, after ``settling`` ones, in which the step size is found.
    """
    found = run_chains(
        objective,
        np.repeat(minimum[None], chains, axis=0),
        images=images,
        generator=generator,
        localisation=localisation,
        steps=steps,
        settling=settling,
    )
    return summarise(*found)


def run_chains(
    objective: Objective,
    minima: Float[np.ndarray, "C d"],
    *,
    images: int,
    generator: np.random.Generator,
    localisation: float,
    steps: int,
    settling: int,
) -> tuple[Float[np.ndarray, "C steps"], float]:
    """`n β (L − L(w*))` after each step of each chain, and the share of steps that were accepted."""
    inverse = images / np.log(images)

    def energy(weights):
        losses, slopes = objective(weights)
        away = weights - minima
        whole = inverse * losses + localisation / 2 * np.square(away).sum(axis=1)
        return losses, whole, inverse * slopes + localisation * away

    weights = minima.copy()
    losses, whole, slopes = energy(weights)
    lowest, kept = losses.copy(), np.empty((len(minima), steps))
    size = 1 / (inverse + localisation) / minima.shape[1] ** (1 / 3)
    accepted, recent = 0.0, 0.0
    for step in range(-settling, steps):
        noise = generator.standard_normal(weights.shape)
        proposed = weights - _drift(slopes, size) + np.sqrt(size) * noise
        new_losses, new_whole, new_slopes = energy(proposed)
        back = weights - proposed + _drift(new_slopes, size)
        ratio = whole - new_whole + np.square(noise).sum(axis=1) / 2 - np.square(back).sum(axis=1) / (2 * size)
        taken = np.log(generator.random(len(ratio))) < ratio
        weights[taken], slopes[taken] = proposed[taken], new_slopes[taken]
        losses, whole = np.where(taken, new_losses, losses), np.where(taken, new_whole, whole)
        if step < 0:
            recent += taken.mean() / _LOOKED
            if (step + settling + 1) % _LOOKED == 0:
                size, recent = size * np.exp(2 * (recent - _WANTED)), 0.0
        else:
            kept[:, step], accepted = inverse * (losses - lowest), accepted + taken.mean() / steps
    return kept, float(accepted)


def _drift(slopes, size):
    """Half a step down the slope, at most as long as the noise: else steep walls, as of w⁴, throw chains back and forth
    and are left by none (Roberts & Tweedie 1996).
    """
    lengths = size / 2 * np.linalg.norm(slopes, axis=1, keepdims=True)
    longest = np.sqrt(size * slopes.shape[1])
    return size / 2 * slopes * np.minimum(1.0, longest / np.maximum(lengths, np.finfo(float).tiny))


def summarise(kept: Float[np.ndarray, "C steps"], accepted: float) -> LocalCoefficient:
    """Mean over chains with its interval, of what `run_chains` kept."""
    means, steps = kept.mean(axis=1), kept.shape[1]
    within = kept.var(axis=1, ddof=1).mean()
    mixing = np.sqrt((steps - 1) / steps + means.var(ddof=1) / within) if within > 0 else np.inf
    return LocalCoefficient(mean_over_seeds(means, n=kept.size), accepted, float(mixing))


def deep_linear_coefficient(sizes: Sequence[int], rank: int) -> tuple[float, int]:
    """Learning coefficient and its order of a linear network of so many units in each layer, inputs and outputs
    included, whose true matrix has ``rank`` (Aoyagi 2024, theorem 1).
    """
    spare = [size - rank for size in sizes]
    for count in range(2, len(sizes) + 1):
        for chosen in combinations(sorted(spare), count):
            rest = sorted(spare)
            for one in chosen:
                rest.remove(one)
            layers, total = count - 1, sum(chosen)
            if (not rest or max(chosen) < min(rest)) and total >= layers * max(chosen):
                if rest and total >= layers * min(rest):
                    continue
                step = -(-total // layers)
                over = total - (step - 1) * layers
                value = rank * (sizes[0] + sizes[-1] - rank) / 2 + over * (layers - over) / (4 * layers)
                value -= layers * (layers - 1) / 4 * (total / layers) ** 2
                value += sum(one * other for one, other in combinations(chosen, 2)) / 2
                return value, over * (layers - over) + 1
    raise ValueError(f"sizes are {list(sizes)} and rank {rank}; allowed: a rank of at most the smallest size")
