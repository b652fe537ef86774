"""The curve of log-volume against training error of a tanh network's weight space, and the sizes of W_e, W_g and W_n,
by subset simulation.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Int64

from weightspace.data.patterns import Patterns
from weightspace.draws import balanced_order, generator
from weightspace.estimates import EQUAL_SEEDS, NONE, T, clopper_pearson
from weightspace.logs import progress
from weightspace.splitting import Run, log_share, simulate
from weightspace.weight_space.spaces import TanhNetwork

SETS = ("training", "held_out")


Labelled = tuple[Float[np.ndarray, "_ _"], Int64[np.ndarray, "_"]]  # patterns (P, N) and labels (P,)


def choose_patterns(data: Patterns, *, patterns: int, held_out: int, draw: int) -> tuple[Labelled, Labelled]:
    """Training and held-out patterns of one draw, as many of each digit as can be, labelled even (0) or odd (1)."""
    order = balanced_order(data.train_labels, generator=generator(draw, "weight volume patterns"))
    order = order[: patterns + held_out]
    images, labels = data.train(order).astype(float), data.train_labels[order] % 2
    return (images[:patterns], labels[:patterns]), (images[patterns:], labels[patterns:])


def simulate_volumes(
    data: Patterns,
    *,
    gain: float,
    hidden: int,
    patterns: int,
    held_out: int,
    threshold: float,
    draws: int,
    runs: int,
    particles: int,
    sweeps: int,
    levels: int,
) -> pd.DataFrame:
    """Runs of two kinds for each draw of patterns, of a network N-``hidden``-2 whose weights are uniform on spheres.

    ``training``: down to no training error, with the accuracy on held-out patterns at each number of errors.
    ``held_out``: the same network asked the other way round, down to held-out accuracy ``threshold``, with the share of
    those weights that also make no training error.

    Returns:
        rows gain, draw, run, set, patterns, target, particles, errors, log_volume (natural; NaN where not reached), bound, accuracy and generalises
        (mean accuracy on the other set and share at or above ``threshold``), exact (share without an error on the other
        set).
    """
    rows = []
    settings: dict[str, Any] = {"particles": particles, "sweeps": sweeps, "levels": levels}
    for draw in range(draws):
        sets = dict(zip(SETS, choose_patterns(data, patterns=patterns, held_out=held_out, draw=draw), strict=True))
        for kind, other in (SETS, SETS[::-1]):
            space = TanhNetwork(*sets[kind], *sets[other], hidden=hidden, classes=2, gain=gain)
            size = len(sets[kind][1])
            target = 0 if kind == "training" else int(np.floor(held_out * (1 - threshold) + 1e-9))
            for run in progress(range(runs), what=f"runs of draw {draw}, {kind}"):
                drawn = generator(draw, "weight volume", kind, str(gain), run)
                record = partial(space.other_errors, generator=drawn)
                found = simulate(space, largest=size, target=target, **settings, record=record, generator=drawn)
                head = {"gain": gain, "draw": draw, "run": run, "set": kind}
                head |= {"patterns": size, "target": target, "particles": particles, "bound": found.bound}
                rows += [{**head, **row} for row in _rows(found, target, len(sets[other][1]), threshold)]
    return pd.DataFrame(rows)


def _rows(run: Run, target: int, others: int, threshold: float) -> Iterator[dict[str, Any]]:
    for errors in range(target, len(run.log_share)):
        wrong = run.recorded[errors]
        row = {"errors": errors, "log_volume": run.log_share[errors]}
        if wrong is not None:
            right = 1 - wrong / others
            row |= {
                "accuracy": right.mean(),
                "generalises": (right >= threshold - 1e-9).mean(),
                "exact": (wrong == 0).mean(),
            }
        yield row


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """The table `weight_volume`.

    ``at_most_errors``: log10 share of the weight space with at most so many training errors, with the mean held-out
    accuracy there and the share of it that generalises. ``W_e``: without training error. ``W_g``: with training error
    and held-out accuracy at the threshold. ``W_n``: the rest, the sum being one. Where a run did not get there, the
    estimate is missing and ``high`` is what the last level bounds.
    """
    found = []
    for (gain, draw), group in rows.groupby(["gain", "draw"], sort=False):
        head = {"gain": gain, "draw": draw}
        training, held = (group[group.set == kind] for kind in SETS)
        for errors, runs in training.groupby("errors"):
            extra = {"held_out_accuracy": runs.accuracy.mean(), "generalises": runs.generalises.mean()}
            found.append({**head, "quantity": "at_most_errors", "errors": errors, **volume(runs), **extra})
        exact = volume(training[training.errors == training.target])
        last = held[held.errors == held.target]
        # Of the weights that generalise, those without training error belong to W_e.
        general = volume(last.assign(log_volume=last.log_volume + np.log1p(-last.exact.clip(upper=1 - 1e-12))))
        found += [
            {**head, "quantity": "W_e", **exact},
            {**head, "quantity": "W_g", **general},
            {**head, "quantity": "W_n", **_rest(exact, general)},
        ]
    return pd.DataFrame(found).astype({"errors": "Int64"})


def volume(runs: pd.DataFrame) -> dict[str, Any]:
    """log10 volume from the runs, or, if one of them ended before it, only the upper bound of the last levels.

    Where all particles of all runs' first populations are inside, their number says how much may be outside.
    """
    found = log_share(runs.log_volume.to_numpy(), runs.bound.to_numpy())
    estimate, low, high = found.decimal()
    said = {"n": found.runs, "seeds": found.runs}
    if found.reached < found.runs:
        return {"estimate": np.nan, "low": low, "high": high, **said, "interval": NONE, "guarantee": "upper bound"}
    if (runs.log_volume == 0).all():
        drawn = int(runs.particles.sum())
        bound = float(np.log10(clopper_pearson(drawn, drawn)[0]))
        return {"estimate": 0.0, "low": bound, "high": 0.0, **said, "interval": EQUAL_SEEDS, "guarantee": "exact"}
    kind = T if found.runs > 1 else NONE
    return {"estimate": estimate, "low": low, "high": high, **said, "interval": kind, "guarantee": "asymptotic"}


def _rest(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """log10 of one less the parts."""

    def left(key: str) -> float:
        taken = np.nansum([10.0 ** part[key] for part in parts])
        return float(np.log1p(-min(taken, 1.0)) / np.log(10)) if taken < 1 else -np.inf

    numbers = {"estimate": left("estimate"), "low": left("high"), "high": left("low")}
    head = {name: parts[0][name] for name in ("n", "seeds")}
    return {**numbers, **head, "interval": NONE, "guarantee": "from W_e and W_g"}
