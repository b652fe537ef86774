"""W_t = W_e + W_g + W_n exactly: all binary weights of small perceptrons and committees, all binary matrices of small
memories, by seed.
"""

import numpy as np
import pandas as pd

from weightspace.data.hypercube import first_distinct, random_patterns
from weightspace.data.patterns import signs
from weightspace.data.shrunken_digits import shrink, shrink_apart, small_candidates
from weightspace.draws import balanced_order, generator
from weightspace.estimates import estimates_by, mean_over_seeds
from weightspace.weight_space.enumeration import enumerate_weights
from weightspace.weight_space.memory_weight_space import enumerate_matrices, gardner_log10_volume, row_volume

CLASSES = ("exact", "generalised", "neither")
TASKS = ("teacher", "random", "digits")


def signed_patterns(task, data, *, inputs, units, count, generator):
    """Patterns (count, inputs) int8 of ±1, each multiplied by its label.

    ``teacher``: random patterns with the answers of random binary weights of the same committee; ``random``: random
    patterns and labels, for which nothing can be learnt; ``digits``: images shrunk to a square of so many pixels, odd
    digits against even ones.
    """
    if task == "digits":
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


def partition_binary_weights(data, *, models, patterns, held_out, threshold, seeds):
    """Counts of all binary weight vectors by model, task, seed, number of patterns, errors and whether they generalise.

    Args: models, name to ``units``, ``inputs`` and ``tasks``; patterns, ascending numbers; the rest as in
    `weight_enumeration`.
    """
    rows = []
    for name, model in models.items():
        size = {key: model[key] for key in ("units", "inputs")}
        for task in model["tasks"]:
            for seed in range(seeds):
                drawn = generator(seed, "binary weights", name, task)
                signed = signed_patterns(task, data, **size, count=patterns[-1] + held_out, generator=drawn)
                training, held = signed[: patterns[-1]], signed[patterns[-1] :]
                histogram = enumerate_weights(training, held, patterns, units=model["units"], threshold=threshold)
                for index, errors, generalises in zip(*np.nonzero(histogram), strict=True):
                    head = {
                        "model": name,
                        "weights": model["units"] * model["inputs"],
                        "task": task,
                        "seed": seed,
                        "patterns": patterns[index],
                    }
                    count = histogram[index, errors, generalises]
                    rows.append({**head, "errors": errors, "generalises": bool(generalises), "count": count})
    return pd.DataFrame(rows)


def summarise_binary_weights(counts):
    """The table `weight_partition`: share of all weight vectors in each class, exact for each seed, its mean over
    seeds.
    """
    kinds = np.where(counts.errors == 0, "exact", np.where(counts.generalises, "generalised", "neither"))
    bits = counts.weights
    return estimates_by(["model", "weights", "task", "patterns"], counts.assign(kind=kinds, bits=bits), _shares)


def _shares(counts):
    """Shares of each class among the 2^``bits`` points of every seed."""
    seeds, every = sorted(counts.seed.unique()), 2 ** int(counts.bits.iloc[0])
    for kind in CLASSES:
        mine = counts[counts.kind == kind].groupby("seed")["count"].sum().reindex(seeds, fill_value=0)
        estimate = mean_over_seeds(mine / every, n=every * len(seeds), bounds=(0.0, 1.0))
        yield {"class": kind, "quantity": "share", **vars(estimate), "guarantee": "exact"}


def partition_memories(data, *, neurons, digits, stored, seeds, threshold):
    """Counts of all symmetric binary matrices by data, number of stored patterns, seed and class.

    Args: neurons of random patterns, at most 8; digits, (height, width) to which images are shrunk, with as many
    pixels.
    """
    rows = []
    for seed, kind, patterns in small_candidates(data, neurons=neurons, digits=digits, stored=stored, seeds=seeds):
        for count in stored:
            counts = enumerate_matrices(first_distinct(patterns, count), threshold=threshold)
            head = {"data": kind, "neurons": patterns.shape[1], "stored": count, "seed": seed}
            rows += [{**head, "kind": name, "count": number} for name, number in zip(CLASSES, counts, strict=True)]
    return pd.DataFrame(rows)


def measure_rows(*, neurons, loads, seeds, particles, sweeps, levels):
    """Natural log volumes of one row for random patterns, by load P / (N − 1) and seed, each by one run of subset
    simulation.
    """
    rows = []
    for load in loads:
        for seed in range(seeds):
            patterns = random_patterns(round(load * (neurons - 1)), neurons, generator=generator(seed, "row patterns"))
            drawn = generator(seed, "row volume", len(patterns))
            volume = row_volume(patterns, 0, particles=particles, sweeps=sweeps, levels=levels, generator=drawn)
            rows.append({"neurons": neurons, "stored": len(patterns), "seed": seed, "log_volume": volume})
    return pd.DataFrame(rows)


def summarise_memories(counts, rows):
    """The table `memory_weight_partition`: exact shares of the matrices in each class; log10 volume of a real-valued
    row beside Gardner's.
    """
    bits = counts.neurons * (counts.neurons - 1) // 2
    matrices = estimates_by(["data", "neurons", "stored"], counts.assign(bits=bits), _shares)
    found = []
    for (neurons, stored), group in rows.groupby(["neurons", "stored"], sort=False):
        estimate = mean_over_seeds(group.log_volume / np.log(10), n=len(group), bounds=(-np.inf, 0.0))
        theory = (neurons - 1) * gardner_log10_volume(stored / (neurons - 1))
        head = {
            "data": "random",
            "neurons": neurons,
            "stored": stored,
            "class": "exact",
            "quantity": "log10_volume_of_a_row",
        }
        found.append({**head, **vars(estimate), "guarantee": "asymptotic", "theory": theory})
    return pd.concat([matrices, pd.DataFrame(found)], ignore_index=True)
