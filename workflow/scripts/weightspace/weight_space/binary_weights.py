"""W_t = W_e + W_g + W_n exactly, for binary weights: every weight vector of a perceptron or a committee is visited (at
most 2^25 of them).

For each number of patterns, the weight vectors are counted by training errors and by whether they generalise. A
perceptron's fields are sums of two tables, one for the first half of its weights and one for the second. A committee's
units are enumerated once each, their answers kept as bits.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int8, Int64, Real, UInt64

from weightspace.compiled import compiled, count_bits
from weightspace.data.hypercube import all_patterns, random_patterns
from weightspace.data.patterns import Patterns, signs
from weightspace.data.shrunken_digits import shrink, shrink_apart
from weightspace.draws import balanced_order, generator
from weightspace.estimates import estimates_by, mean_over_seeds
from weightspace.weight_space import CLASSES

LARGEST = 25  # weights
_MOST_PATTERNS = 255  # errors of a weight vector are counted in 8 bits
_LOW = 13  # weights of the table that a perceptron's inner loop runs over: 8 kB for each pattern


def signed_patterns(
    task: str, data: Patterns | None, *, inputs: int, units: int, count: int, generator: np.random.Generator
) -> Int8[np.ndarray, "{count} {inputs}"]:
    """Patterns of ±1, each multiplied by its label.

    ``teacher``: random patterns with the answers of random binary weights of the same committee; ``random``: random
    patterns and labels, for which nothing can be learnt; ``digits``: images shrunk to a square of so many pixels, odd
    digits of ``data`` against even ones.
    """
    if task == "digits":
        assert data is not None
        side = int(np.sqrt(inputs))
        chosen = balanced_order(data.train_labels, generator=generator)[:count]
        average = shrink(data.train().reshape(-1, *data.shape), (side, side)).mean(axis=0)
        patterns = shrink_apart(data.train(chosen).reshape(-1, *data.shape), average, (side, side))
        return patterns * signs(data.train_labels[chosen] % 2)[:, None]
    patterns = random_patterns(count, inputs, generator=generator)
    if task == "random":
        return patterns * random_patterns(count, 1, generator=generator)
    teacher = random_patterns(units, inputs, generator=generator)
    return patterns * np.sign(np.sign(patterns.astype(int) @ teacher.T).sum(axis=1)).astype(np.int8)[:, None]


def partition_binary_weights(
    data: Patterns | None,
    *,
    models: Mapping[str, Mapping[str, Any]],
    patterns: Sequence[int],
    held_out: int,
    threshold: float,
    seeds: int,
) -> pd.DataFrame:
    """Counts of all binary weight vectors by model, task, seed, number of patterns, errors and whether they generalise.

    Args:
        models: name to ``units``, ``inputs`` and ``tasks``, as of `signed_patterns`.
        patterns: ascending numbers.
        held_out: how many patterns; ``threshold`` as of `enumerate_weights`.
    """
    rows = []
    for name, model in models.items():
        size = {key: model[key] for key in ("units", "inputs")}
        head = {"model": name, "weights": model["units"] * model["inputs"]}
        for task in model["tasks"]:
            for seed in range(seeds):
                drawn = generator(seed, "binary weights", name, task)
                signed = signed_patterns(task, data, **size, count=patterns[-1] + held_out, generator=drawn)
                training, held = signed[: patterns[-1]], signed[patterns[-1] :]
                histogram = enumerate_weights(training, held, patterns, units=model["units"], threshold=threshold)
                for index, errors, generalises in zip(*np.nonzero(histogram), strict=True):
                    found = {"patterns": patterns[index], "errors": errors, "generalises": bool(generalises)}
                    count = histogram[index, errors, generalises]
                    rows.append({**head, "task": task, "seed": seed, **found, "count": count})
    return pd.DataFrame(rows)


def summarise(counts: pd.DataFrame) -> pd.DataFrame:
    """The table `weight_partition`: share of all weight vectors in each class, exact for each seed, its mean over
    seeds.
    """
    kinds = np.where(counts.errors == 0, "exact", np.where(counts.generalises, "generalised", "neither"))
    bits = counts.weights
    return estimates_by(
        ["model", "weights", "task", "patterns"], counts.assign(kind=kinds, bits=bits), shares_of_classes
    )


def shares_of_classes(counts: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Shares of each class among the 2^``bits`` points of every seed: rows for `estimates_by`."""
    seeds, every = sorted(counts.seed.unique()), 2 ** int(counts.bits.iloc[0])
    for kind in CLASSES:
        mine = counts[counts.kind == kind].groupby("seed")["count"].sum().reindex(seeds, fill_value=0)
        estimate = mean_over_seeds(mine / every, n=every * len(seeds), bounds=(0.0, 1.0))
        yield {"class": kind, "quantity": "share", **vars(estimate), "guarantee": "exact"}


def enumerate_weights(
    training: Real[np.ndarray, "P N"],
    held_out: Real[np.ndarray, "M N"],
    counts: Sequence[int],
    *,
    units: int,
    threshold: float,
) -> Int64[np.ndarray, "counts errors 2"]:
    """Count all binary weight vectors of a committee of ``units`` sign units (1: a perceptron), whose majority answers.

    Args:
        training: patterns of ±1, each multiplied by its label; ``held_out`` likewise.
        counts: ascending numbers of training patterns, each the first so many.
        threshold: share of the held-out patterns that a weight vector must get right to generalise.

    Returns:
        histogram (len(counts), P + 1, 2): weight vectors by number of patterns, training errors, and whether they
        generalise.

    Raises:
        ValueError: more than 2^25 weight vectors (said with the memory that their errors would take), an even number of
            inputs or units, whose sums can tie, more than 255 patterns, or counts out of order.
    """
    training, held_out = (np.ascontiguousarray(part, dtype=np.int8) for part in (training, held_out))
    if held_out.shape[1] != training.shape[1]:
        raise ValueError(
            f"held-out patterns have {held_out.shape[1]} inputs and training patterns {training.shape[1]}; allowed: as"
            " many"
        )
    weights = units * training.shape[1]
    if weights > LARGEST:
        raise ValueError(
            f"{weights} binary weights make 2^{weights} weight vectors, whose errors would take"
            f" {2.0 ** (weights - 30):,.3g} GiB; at most {LARGEST} weights are enumerated"
        )
    if training.shape[1] % 2 == 0 or units % 2 == 0:
        raise ValueError(
            f"inputs and units must be odd, so that no sum ties; found {training.shape[1]} inputs and {units} units"
        )
    if max(len(training), len(held_out)) > _MOST_PATTERNS:
        raise ValueError(f"at most {_MOST_PATTERNS} patterns are counted, found {len(training)} and {len(held_out)}")
    ascending = np.asarray(counts, dtype=np.int64)
    if (np.diff(ascending) <= 0).any() or ascending[0] < 1 or ascending[-1] > len(training):
        raise ValueError(f"numbers of patterns must ascend from 1 to {len(training)}, found {ascending.tolist()}")
    most_wrong = int(np.floor(len(held_out) * (1 - threshold) + 1e-9))
    if units == 1:
        return _enumerate_perceptron(training, held_out, ascending, most_wrong)
    return _enumerate_committee(_answers(training), _answers(held_out), ascending, most_wrong, units, len(training))


def _enumerate_perceptron(
    training: Int8[np.ndarray, "P N"],
    held_out: Int8[np.ndarray, "M N"],
    counts: Int64[np.ndarray, "c"],
    most_wrong: int,
) -> Int64[np.ndarray, "c errors 2"]:
    low = min(_LOW, training.shape[1])
    tables = []
    for patterns in (training, held_out):
        sums = [
            all_patterns(part.shape[1]).astype(np.int16) @ part.T
            for part in (patterns[:, :low].astype(np.int16), patterns[:, low:].astype(np.int16))
        ]
        tables += [np.ascontiguousarray(sums[0].T.astype(np.int8)), sums[1].astype(np.int8)]
    histogram = np.zeros((len(counts), len(training) + 1, 2), dtype=np.int64)
    _count_perceptron(*tables, counts, most_wrong, histogram)
    return histogram


@compiled
def _add_errors(errors, low, bar):
    """One pattern: an error where the field, ``low`` less ``bar``, is negative."""
    for row in range(len(errors)):
        errors[row] += low[row] < bar


@compiled
def _count_perceptron(low, high, held_low, held_high, counts, most_wrong, histogram):
    wrong, errors = np.empty(low.shape[1], np.uint8), np.empty(low.shape[1], np.uint8)
    for upper in range(len(high)):
        wrong[:] = 0
        for pattern in range(len(held_low)):
            _add_errors(wrong, held_low[pattern], np.int8(-held_high[upper, pattern]))
        errors[:] = 0
        done = 0
        for index in range(len(counts)):
            for pattern in range(done, counts[index]):
                _add_errors(errors, low[pattern], np.int8(-high[upper, pattern]))
            done = counts[index]
            for row in range(len(errors)):
                histogram[index, errors[row], np.int64(wrong[row] <= most_wrong)] += 1


def _answers(patterns: Int8[np.ndarray, "P N"]) -> UInt64[np.ndarray, "vectors words"]:
    """For every weight vector of one unit, bits of the patterns that it gets wrong."""
    wrong = all_patterns(patterns.shape[1]).astype(np.int16) @ patterns.T.astype(np.int16) < 0
    packed = np.packbits(np.pad(wrong, [(0, 0), (0, -wrong.shape[1] % 64)]), axis=1, bitorder="little")
    return np.ascontiguousarray(packed).view("<u8").astype(np.uint64)


@compiled
def _majority(answers, chosen, word):
    """Bits that most of the chosen units' words have, by counting up in binary and comparing with half of the units."""
    units = len(chosen)
    at_least = np.zeros(units + 2, np.uint64)  # bit set where at least so many units have it
    at_least[0] = ~np.uint64(0)
    for unit in range(units):
        bits = answers[chosen[unit], word]
        for number in range(unit + 1, 0, -1):
            at_least[number] |= at_least[number - 1] & bits
    return at_least[units // 2 + 1]


@compiled
def _errors_of(answers, chosen, masks):
    total = 0
    for word in range(answers.shape[1]):
        if masks[word]:
            total += count_bits(_majority(answers, chosen, word) & masks[word])
    return total


@compiled
def _count_committee(training, held_out, masks, most_wrong, units, histogram):
    single, everything = len(training), np.full(held_out.shape[1], ~np.uint64(0))
    chosen = np.zeros(units, np.int64)
    for code in range(single**units):
        rest = code
        for unit in range(units):
            chosen[unit] = rest % single
            rest //= single
        generalises = np.int64(_errors_of(held_out, chosen, everything) <= most_wrong)
        for index in range(len(masks)):
            histogram[index, _errors_of(training, chosen, masks[index]), generalises] += 1


def _enumerate_committee(
    training: UInt64[np.ndarray, "vectors words"],
    held_out: UInt64[np.ndarray, "vectors others"],
    counts: Int64[np.ndarray, "c"],
    most_wrong: int,
    units: int,
    largest: int,
) -> Int64[np.ndarray, "c errors 2"]:
    words = training.shape[1]
    first = np.arange(64 * words) < counts[:, None]
    masks = np.packbits(first, axis=1, bitorder="little").view("<u8").astype(np.uint64)
    histogram = np.zeros((len(counts), largest + 1, 2), dtype=np.int64)
    _count_committee(training, held_out, masks, most_wrong, units, histogram)
    return histogram
