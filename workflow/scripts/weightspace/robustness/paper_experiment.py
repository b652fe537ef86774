"""The paper's central experiment (II.B.2): adversarial images of a deep network, binarised and recalled by a memory.

"Misclassified 0.7" is set beside what it has to be compared with: the same images clean, the network itself on the
binarised adversarial image, and the nearest of the same stored patterns without any recall. All on the images that are
adversarial for the network: classified rightly before the attack and wrongly after it.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float64, Int, Int64
from scipy import special

from weightspace.estimates import difference_over_seeds, estimates_by, mcnemar, share_over_seeds
from weightspace.files import seed_of
from weightspace.robustness.paired_errors import NO_SOURCE
from weightspace.robustness.scoring import read_scores

# What the paper reports (II.B.2).
IMAGES = 40
MISCLASSIFIED = 0.7  # "misclassified 0.7"
INTERVAL = (0.53, 0.83)  # Clopper–Pearson, 95 %, of 28 of 40

CELL = ["network", "attack", "budget", "source", "memory", "readout"]
_ANSWERS = {
    "adversarial": ("memory", "adversarial"),
    "clean": ("memory", "clean"),
    "nearest_neighbour_adversarial": ("nearest_neighbour", "adversarial"),
    "nearest_neighbour_clean": ("nearest_neighbour", "clean"),
    "network_binarised": ("network", "adversarial"),
    "network_binarised_clean": ("network", "clean"),
}
_LOST = ("right_clean", "lost_only_attack", "lost_only_noise")
_COUNTS = [*CELL, "seed", "n", *_ANSWERS, "only_adversarial", "only_clean", *_LOST, "mcnemar_p"]


def tabulate(paths: Iterable[str | Path], settings: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The tables `paper_experiment` and `paper_experiment_seeds` from score files ``{network}/{model}/seed{seed}.npz``:
    what a network itself and the memories answer to the images made against it.

    ``settings``: ``attacks``, names; ``noises``, that of each attack's norm, or None; ``memories``, definitions by
    name.
    """
    files = {(path.parts[-3], path.parent.name, seed_of(path)): path for path in map(Path, paths)}
    attacked = {
        (network, seed): _by_attack(read_scores(path), network, settings["attacks"])
        for (network, model, seed), path in files.items()
        if model == network
    }
    counts = []
    for memory, definition in settings["memories"].items():
        parts = []
        for seed in sorted({seed for _, seed in attacked}):
            for network in [network for network, its_seed in attacked if its_seed == seed]:
                answers = dict(list(read_scores(files[network, memory, seed]).groupby(["attack", "network"])))
                for attack, scores in attacked[network, seed].items():
                    noise = answers.get((settings["noises"][attack], NO_SOURCE))
                    images = outcomes(scores, answers[attack, network], noise, stored=definition["patterns"])
                    parts.append(images.assign(attack=attack, network=network, memory=memory, seed=seed))
        if any(len(part) for part in parts):
            counts.append(seed_counts(pd.concat(parts, ignore_index=True)))
    # No image was made adversarial, or there is no memory: a table without rows.
    by_seed = pd.concat(counts, ignore_index=True) if counts else pd.DataFrame(columns=_COUNTS)
    keys = ["rule", "patterns", "margin"]
    definitions = pd.DataFrame.from_dict(settings["memories"], orient="index").reindex(columns=keys)
    return {
        "paper_experiment": summarise(by_seed).join(definitions, on="memory"),
        "paper_experiment_seeds": by_seed,
    }


def _by_attack(scores: pd.DataFrame, network: str, attacks: Sequence[str]) -> dict[str, pd.DataFrame]:
    """A network's scores on images that were attacked on itself."""
    own = scores[(scores["network"] == network) & scores["attack"].isin(attacks)]
    return {str(attack): rows for attack, rows in own.groupby("attack")}


def outcomes(
    network_scores: pd.DataFrame, memory_scores: pd.DataFrame, noise_scores: pd.DataFrame | None = None, *, stored: int
) -> pd.DataFrame:
    """One seed's images that are adversarial for the network, with who was wrong on them.

    Args:
        network_scores, memory_scores: rows of `scoring.score_images` of the source network and of one memory, on the
            same file.
        noise_scores: those of the memory on the same test images with noise of the attack's norm, where it has such.
        stored: P; the first P training images of the file are those that the memory stores.

    Returns:
        DataFrame, one row per budget, read-out and image: budget, source ("test", "stored"), readout, and booleans
        ``{memory, nearest_neighbour, network}_{clean, adversarial}``, true where that answer is wrong.
    """
    network = _wrong(network_scores, ["grey", "binarised"], stored)
    ways = ["nearest", "exact", "nearest_neighbour"]
    both = network.join(_wrong(memory_scores, ways, stored), how="inner")
    noisy = pd.DataFrame(index=both.index) if noise_scores is None else _wrong(noise_scores, ways, stored)
    both = both.join(
        noisy.filter(like="_adversarial").rename(columns=lambda name: name.replace("adversarial", "noise"))
    )
    adversarial = both[~both.grey_clean & both.grey_adversarial].reset_index()
    parts = []
    for readout in ("nearest", "exact"):
        part = adversarial[["budget", "source"]].assign(readout=readout)
        noise = adversarial.get(f"{readout}_noise", pd.Series(np.nan, adversarial.index)).astype(float)
        part["noise_was_made"], part["memory_noise"] = noise.notna(), noise == 1
        for state in ("clean", "adversarial"):
            part[f"memory_{state}"] = adversarial[f"{readout}_{state}"]
            part[f"nearest_neighbour_{state}"] = adversarial[f"nearest_neighbour_{state}"]
            part[f"network_{state}"] = adversarial[f"binarised_{state}"]
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _wrong(scores: pd.DataFrame, answers: Sequence[str], stored: int) -> pd.DataFrame:
    """Wide table indexed by (source, rank, budget): one boolean ``{answer}_{clean, adversarial}`` per way of
    answering.
    """
    scores = scores[(scores.split == "test") | (scores["rank"] < stored)]
    scores = scores.assign(
        source=np.where(scores.split == "test", "test", "stored"), wrong=scores.predicted != scores.label
    )
    wide = scores.pivot(index=["source", "rank", "budget"], columns="answer", values="wrong")[list(answers)]
    attacked = wide[wide.index.get_level_values("budget") > 0]
    clean = wide.xs(0.0, level="budget").reindex(attacked.reset_index("budget").index)
    clean.index = attacked.index
    return attacked.add_suffix("_adversarial").join(clean.add_suffix("_clean"))


def seed_counts(images: pd.DataFrame) -> pd.DataFrame:
    """Counts per cell and seed from rows of `outcomes` with the columns of `CELL` and ``seed``.

    Returns: DataFrame with n, one column of errors per quantity, the discordant counts of the memory's clean and
    adversarial answers, and their exact McNemar p-value; of the images that the memory gets right clean, and of which
    there are some with noise, their number and those lost under attack alone and under noise alone.
    """
    right = images.noise_was_made & ~images.memory_clean
    marked = images.assign(
        right_clean=right,
        lost_only_attack=right & images.memory_adversarial & ~images.memory_noise,
        lost_only_noise=right & images.memory_noise & ~images.memory_adversarial,
        only_adversarial=images.memory_adversarial & ~images.memory_clean,
        only_clean=images.memory_clean & ~images.memory_adversarial,
        **{quantity: images[f"{who}_{state}"] for quantity, (who, state) in _ANSWERS.items()},
    )
    grouped = marked.groupby([*CELL, "seed"], sort=True)
    counts = grouped[[*_ANSWERS, "only_adversarial", "only_clean", *_LOST]].sum().astype(int)
    counts.insert(0, "n", grouped.size())
    counts["mcnemar_p"] = [mcnemar(a, c) for a, c in zip(counts.only_adversarial, counts.only_clean, strict=True)]
    return counts.reset_index()


def summarise(counts: pd.DataFrame) -> pd.DataFrame:
    """The table `paper_experiment`: per cell and quantity an estimate over seeds with its interval.

    For the quantity ``adversarial`` it adds what a single experiment with as few images as the paper's would have
    reported (`of_few`).
    """
    return estimates_by(CELL, counts, _quantities, sort=True)


def _quantities(seeds):
    for quantity in _ANSWERS:
        row = {"quantity": quantity, **vars(share_over_seeds(seeds[quantity], seeds.n))}
        yield row | of_few(seeds[quantity].to_numpy(), seeds.n.to_numpy()) if quantity == "adversarial" else row
    estimate = difference_over_seeds(seeds.only_adversarial, seeds.only_clean, seeds.n)
    significant = int((seeds.mcnemar_p < 0.05).sum())
    yield {"quantity": "difference", **vars(estimate), "seeds_mcnemar_below_0.05": significant}
    lost = seeds[seeds.right_clean > 0]
    if len(lost):
        difference = difference_over_seeds(lost.lost_only_attack, lost.lost_only_noise, lost.right_clean)
        yield {"quantity": "lost_minus_noise", **vars(difference)}


def of_few(
    wrong: Int[np.ndarray, "S"], n: Int[np.ndarray, "S"], *, images: int = IMAGES, misclassified: float = MISCLASSIFIED
) -> dict[str, Any]:
    """What an experiment with few images would report, drawn without replacement from one seed's: an exact mixture of
    hypergeometrics.

    Args: wrong (S,) and n (S,), misclassified and all adversarial images per seed; of a seed that has fewer than
    ``images``, all are taken.

    Returns: dict with ``few_images``; ``few_low`` and ``few_high``, the central 95 % of the share that would be
    reported; and ``few_probability``, that the share prints as ``misclassified`` when rounded to one decimal, as the
    paper's does.
    """
    parts = []
    for bad, total in zip(wrong, n, strict=True):
        drawn = min(images, int(total))
        hits = np.arange(drawn + 1)
        parts.append((hits / drawn, hypergeometric(hits, int(bad), int(total), drawn) / len(n)))
    shares, probabilities = map(np.concatenate, zip(*parts, strict=True))
    order = shares.argsort(kind="stable")
    cumulative = probabilities[order].cumsum()
    low, high = shares[order][np.searchsorted(cumulative, [0.025, 0.975 - 1e-12])]
    prints = np.abs(shares - misclassified) < 0.05 + 1e-12
    return {"few_images": images, "few_low": low, "few_high": high, "few_probability": probabilities[prints].sum()}


def hypergeometric(hits: Int64[np.ndarray, "K"], bad: int, total: int, drawn: int) -> Float64[np.ndarray, "K"]:
    """Probability of ``hits`` bad ones among ``drawn`` of ``total``, of which ``bad`` are bad (log-gamma,
    elementwise).
    """

    def log_choose(n, k):
        inside = (k >= 0) & (k <= n)
        k = np.where(inside, k, 0)
        return np.where(inside, special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1), -np.inf)

    return np.exp(
        log_choose(bad, hits) + log_choose(total - bad, drawn - hits) - log_choose(np.array(total), np.array(drawn))
    )
