"""Exact partition of a space of binary weights: every weight vector of a perceptron or a committee is visited (at most
2^25 of them).

For each number of patterns, the weight vectors are counted by training errors and by whether they generalise. A
perceptron's fields are sums of two tables, one for the first half of its weights and one for the second. A committee's
units are enumerated once each, their answers kept as bits.
"""

import numpy as np

from weightspace.compiled import compiled, count_bits
from weightspace.data.hypercube import all_patterns

LARGEST = 25  # weights
_MOST_PATTERNS = 255  # errors of a weight vector are counted in 8 bits
_LOW = 13  # weights of the table that a perceptron's inner loop runs over: 8 kB for each pattern


def enumerate_weights(training, held_out, counts, *, units, threshold):
    """Count all binary weight vectors of a committee of ``units`` sign units (1: a perceptron), whose majority answers.

    Args:
        training: patterns (P, N) of ±1, each multiplied by its label; held_out (M, N) likewise.
        counts: ascending numbers of training patterns, each the first so many.
        threshold: share of the held-out patterns that a weight vector must get right to generalise.

    Returns:
        histogram (len(counts), P + 1, 2) int64: weight vectors by number of patterns, training errors, and whether they
        generalise.

    Raises:
        ValueError: more than 2^25 weight vectors (said with the memory that their errors would take), an even number of
            inputs or units, whose
        sums can tie, more than 255 patterns, or counts out of order.
    """
    training, held_out = (np.ascontiguousarray(part, dtype=np.int8) for part in (training, held_out))
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
    counts = np.asarray(counts, dtype=np.int64)
    if (np.diff(counts) <= 0).any() or counts[0] < 1 or counts[-1] > len(training):
        raise ValueError(f"numbers of patterns must ascend from 1 to {len(training)}, found {counts.tolist()}")
    most_wrong = int(np.floor(len(held_out) * (1 - threshold) + 1e-9))
    if units == 1:
        return _enumerate_perceptron(training, held_out, counts, most_wrong)
    return _enumerate_committee(_answers(training), _answers(held_out), counts, most_wrong, units, len(training))


def _enumerate_perceptron(training, held_out, counts, most_wrong):
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


def _answers(patterns):
    """For every weight vector of one unit, bits (2^N, ⌈P/64⌉) uint64 of the patterns that it gets wrong."""
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


def _enumerate_committee(training, held_out, counts, most_wrong, units, largest):
    words = training.shape[1]
    first = np.arange(64 * words) < counts[:, None]
    masks = np.packbits(first, axis=1, bitorder="little").view("<u8").astype(np.uint64)
    histogram = np.zeros((len(counts), largest + 1, 2), dtype=np.int64)
    _count_committee(training, held_out, masks, most_wrong, units, histogram)
    return histogram
