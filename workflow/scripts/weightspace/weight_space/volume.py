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
from weightspace.estimates import EQUAL_SEEDS, FEWEST, NONE, T, clopper_pearson, mean_over_seeds
from weightspace.logs import progress
from weightspace.splitting import Run, log_share, simulate
from weightspace.weight_space.spaces import TanhNetwork

SETS = ("training", "held_out")
_PLAIN = 1e-5  # share of the weights from which on plain draws are made too
_AT_ONCE = 2000  # plain draws


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
    further: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Runs of two kinds for each draw of patterns, of a network N-``hidden``-2 whose weights are uniform on spheres.

    ``training``: down to no training error, with the accuracy on held-out patterns at each number of errors.
    ``held_out``: the same network asked the other way round, down to held-out accuracy ``threshold``, with the share of
    those weights that also make no training error.

    Args:
        further: further sets of patterns where its ``gain`` is this one: ``draws`` of them, with ``runs`` down to no
            training error and ``held_out_runs`` to the threshold; and ``plain`` weights drawn with the first set's
            patterns, where the simulation finds more than `_PLAIN` of them to generalise.

    Returns:
        rows gain, draw, run, set, patterns, target, particles, errors, log_volume (natural; NaN where not reached),
        bound, accuracy and generalises (mean accuracy on the other set and share at or above ``threshold``), exact
        (share without an error on the other set). A row of the set ``plain`` has how many weights were ``drawn`` and
        how many ``hits`` of W_g there were.
    """
    rows = []
    more = further if further and further["gain"] == gain else {"draws": 0, "plain": 0}
    settings: dict[str, Any] = {"particles": particles, "sweeps": sweeps, "levels": levels}
    for draw in range(draws + more["draws"]):
        sets = dict(zip(SETS, choose_patterns(data, patterns=patterns, held_out=held_out, draw=draw), strict=True))
        for kind, other in (SETS, SETS[::-1]):
            space = TanhNetwork(*sets[kind], *sets[other], hidden=hidden, classes=2, gain=gain)
            size = len(sets[kind][1])
            target = 0 if kind == "training" else int(np.floor(held_out * (1 - threshold) + 1e-9))
            count = runs if draw < draws else more["runs" if kind == "training" else "held_out_runs"]
            for run in progress(range(count), what=f"runs of draw {draw}, {kind}"):
                drawn = generator(draw, "weight volume", kind, str(gain), run)
                record = partial(space.other_errors, generator=drawn)
                found = simulate(space, largest=size, target=target, **settings, record=record, generator=drawn)
                head = {"gain": gain, "draw": draw, "run": run, "set": kind}
                head |= {"patterns": size, "target": target, "particles": particles, "bound": found.bound}
                rows += [{**head, **row} for row in _rows(found, target, len(sets[other][1]), threshold)]
        if draw == 0 and more["plain"] and _general(pd.DataFrame(rows))["estimate"] > np.log10(_PLAIN):
            # `space` and `target` are those of the held-out patterns
            drawn = generator(0, "plain draws of weights", str(gain))
            hits = count_plainly(space, more["plain"], most=target, generator=drawn)
            rows.append({"gain": gain, "draw": 0, "set": "plain", "hits": hits, "drawn": more["plain"]})
    return pd.DataFrame(rows)


def count_plainly(space: TanhNetwork, count: int, *, most: int, generator: np.random.Generator) -> int:
    """How many of ``count`` independent draws from a space make at most so many errors, and an error on the other
    patterns: W_g without simulation, if the space's patterns are the held-out ones and the others those of training.
    """
    hits = 0
    for start in range(0, count, _AT_ONCE):
        state = space.draw(min(_AT_ONCE, count - start), generator)
        kept = space.score(state)[0] <= most
        if kept.any():
            chosen = {name: values[kept] for name, values in state.items()}
            hits += int((space.other_errors(chosen, generator) > 0).sum())
    return hits


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
    estimate is missing and ``high`` is what the last level bounds. Of several draws of patterns there is a row of the
    ``draw`` *all*, the mean of their logarithms with a t-interval over draws. ``method`` *plain*: from plain draws of
    weights. Curves are those of draws with two runs or more.
    """
    found: list[dict[str, Any]] = []
    for (gain, draw), group in rows.groupby(["gain", "draw"], sort=False):
        head = {"gain": gain, "draw": str(draw), "method": "simulation"}
        training = group[group.set == "training"]
        for errors, runs in training.groupby("errors"):
            if len(runs) < 2:
                continue
            extra = {"held_out_accuracy": runs.accuracy.mean(), "generalises": runs.generalises.mean()}
            found.append({**head, "quantity": "at_most_errors", "errors": errors, **volume(runs), **extra})
        exact = volume(training[training.errors == training.target])
        general = _general(group)
        found += [
            {**head, "quantity": "W_e", **exact},
            {**head, "quantity": "W_g", **general},
            {**head, "quantity": "W_n", **_rest(exact, general)},
        ]
        found += [{**head, "method": "plain", "quantity": "W_g", **row} for row in _plain(group[group.set == "plain"])]
    found += _over_draws(found)
    return pd.DataFrame(found).astype({"errors": "Int64"})


def _general(rows: pd.DataFrame) -> dict[str, Any]:
    """W_g of one draw of patterns: of the weights that generalise, those without training error belong to W_e."""
    held = rows[rows.set == "held_out"]
    last = held[held.errors == held.target]
    return volume(last.assign(log_volume=last.log_volume + np.log1p(-last.exact.clip(upper=1 - 1e-12))))


def _plain(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for hits, drawn in rows.reindex(columns=["hits", "drawn"]).astype(int).to_numpy().tolist():
        with np.errstate(divide="ignore"):
            estimate, low, high = np.log10([hits / drawn, *clopper_pearson(hits, drawn)])
        numbers = {"estimate": estimate if hits else np.nan, "low": low, "high": high}
        # Clopper-Pearson's ends are of the share and not of its logarithm, so the row does not carry that name.
        yield {**numbers, "n": drawn, "seeds": 1, "interval": NONE, "guarantee": "exact"}


def _over_draws(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows of the draw *all*; where a draw was not reached only the largest of the draws' bounds is known."""
    rows = pd.DataFrame([row for row in found if row["method"] == "simulation" and row["quantity"] in ("W_e", "W_g")])
    for (gain, quantity), draws in rows.groupby(["gain", "quantity"], sort=False):
        if len(draws) < 2:
            continue
        head = {"gain": gain, "draw": "all", "method": "simulation", "quantity": quantity}
        if draws.estimate.isna().any():
            bound = {"estimate": np.nan, "low": -np.inf, "high": draws.high.max(), "interval": NONE}
            yield {**head, **bound, "n": int(draws.n.sum()), "seeds": len(draws), "guarantee": "upper bound"}
            continue
        estimate = mean_over_seeds(draws.estimate, n=int(draws.n.sum()), bounds=(-np.inf, 0.0))
        yield {**head, **vars(estimate), "guarantee": "asymptotic"}


def volume(runs: pd.DataFrame) -> dict[str, Any]:
    """log10 volume from the runs, or, if one of them ended before it, only the upper bound of the last levels.

    Where all particles of all runs' first populations are inside, their number says how much may be outside.
    """
    found = log_share(runs.log_volume.to_numpy(), runs.bound.to_numpy())
    estimate, low, high = found.decimal()
    said: dict[str, Any] = {"n": found.runs, "seeds": found.runs}
    if found.reached < found.runs:
        return {"estimate": np.nan, "low": low, "high": high, **said, "interval": NONE, "guarantee": "upper bound"}
    if (runs.log_volume == 0).all():
        drawn = int(runs.particles.sum())
        bound = float(np.log10(clopper_pearson(drawn, drawn)[0]))
        return {"estimate": 0.0, "low": bound, "high": 0.0, **said, "interval": EQUAL_SEEDS, "guarantee": "exact"}
    said |= {"guarantee": "asymptotic"}
    if found.runs < FEWEST:  # no interval from so few, as over seeds
        return {"estimate": estimate, "low": np.nan, "high": np.nan, **said, "interval": NONE}
    return {"estimate": estimate, "low": low, "high": high, **said, "interval": T}


def _rest(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """log10 of one less the parts."""

    def left(key: str) -> float:
        shares = [10.0 ** part[key] for part in parts]
        if key != "estimate" and np.isnan(shares).any():
            return float("nan")
        taken = np.nansum(shares)
        return float(np.log1p(-min(taken, 1.0)) / np.log(10)) if taken < 1 else -np.inf

    numbers = {"estimate": left("estimate"), "low": left("high"), "high": left("low")}
    head = {name: parts[0][name] for name in ("n", "seeds")}
    return {**numbers, **head, "interval": NONE, "guarantee": "from W_e and W_g"}
