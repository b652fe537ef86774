"""Transfer of attacks between models: by learning rule of the target (claim C5), and from ensembles to rules that they
hold out (claim C7).

Success is net: the share of images misclassified under attack less the share misclassified with noise of the same size,
on images that all networks and the target get right when clean. An attack is credited with nothing that the size of the
change alone does.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool

from weightspace.estimates import mean_over_seeds
from weightspace.files import seed_of
from weightspace.robustness.paired_errors import NO_SOURCE, PairedErrors, count, net_share, summarise
from weightspace.robustness.scoring import read_scores

# The way of answering that stands for a model: a network's, on either image, or a memory's or a control's, which have
# but one image.
MAIN = {"grey": ("grey", "nearest", "binarised"), "binarised": ("binarised", "nearest", "grey")}
NETWORKS = "feedforward"
CONTROL = "control"
COMMON = "right_all"
CELL = ["source", "attack", "budget"]
LEAVE_ONE_OUT = "leave_one_out"


def tabulate(paths: Iterable[str | Path], settings: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The tables `transfer`, `model_dependence` and `ensembles` from the score files of all targets.

    ``settings``: ``sources`` and ``attacks``, what counts as transferred; ``networks`` and ``noises``, see
    `count_targets`; ``rules``, the learning rule by model; ``ensembles``, see `held_out_success`.
    """
    by_seed: dict[int, dict[str, pd.DataFrame]] = {}
    for path in map(Path, paths):
        rows = read_scores(path)
        transferred = rows["network"].isin(settings["sources"]) & rows["attack"].isin(settings["attacks"])
        by_seed.setdefault(seed_of(path), {})[path.parent.name] = rows[transferred]
    counts = pd.concat(
        [
            count_targets(scores, settings["networks"], settings["noises"]).assign(seed=seed)
            for seed, scores in by_seed.items()
        ],
        ignore_index=True,
    )
    net = {sees: net_success(counts, settings["rules"], networks_see=sees) for sees in MAIN}
    members = {name: ensemble["members"] for name, ensemble in settings["ensembles"].items()}
    dependence = [by_rule(rows, members).assign(networks_see=sees) for sees, rows in net.items()]
    return {
        "transfer": summarise(counts, [*CELL, "target", "answer", "images"]),
        "model_dependence": pd.concat(dependence, ignore_index=True),
        "ensembles": held_out_success(net["grey"], settings["ensembles"], settings["rules"]),
    }


def count_targets(
    scores: Mapping[str, pd.DataFrame], networks: Sequence[str], noises: Mapping[str, str | None]
) -> pd.DataFrame:
    """Counts of one seed's transferred attacks on every target.

    Args:
        scores: by model, rows of `scoring.score_files`, this seed's.
        networks: names of the networks that must be right when clean; ``noises``: see `paired_errors.count`.

    Returns:
        Rows of `paired_errors.count` with the column target, for the images ``all`` and ``right_all``, those that the
        target and all of ``networks`` get right when clean, these as they see them grey.
    """
    errors = {model: PairedErrors(rows) for model, rows in scores.items()}
    common = _both(*(errors[network].right_when_clean("grey") for network in networks))
    parts = []
    for model, own in errors.items():
        # What memories answer beside their own read-outs, the nearest stored pattern, is a control of the paper's
        # experiment.
        cells = [cell for cell in own.attacked() if cell[3] != "exact"]
        selections = {
            "all": lambda answer, own=own: own.right_when_clean(answer) | True,
            COMMON: lambda answer, own=own: _both(own.right_when_clean(answer), common),
        }
        parts.append(count(own, cells, noises, selections).assign(target=model))
    return pd.concat(parts, ignore_index=True)


def _both(*chosen: Bool[np.ndarray, "_"]) -> Bool[np.ndarray, "_"]:
    """Images that are chosen by all; of those, the first ones that all know."""
    length = min(map(len, chosen))
    return np.logical_and.reduce([one[:length] for one in chosen])


def net_success(counts: pd.DataFrame, rules: Mapping[str, str], *, networks_see: str) -> pd.DataFrame:
    """Net success per source, attack, budget, target and seed, each target by the way of answering that stands for it.

    Args: counts, `count_targets` with the column seed; rules, learning rule by model; networks_see "grey" or
    "binarised".
    """
    counts = counts[(counts["images"] == COMMON) & (counts["source"] != NO_SOURCE) & (counts["n_noise"] > 0)]
    preferred = MAIN[networks_see]
    kept = counts[counts["answer"].isin(preferred)]
    kept = kept.assign(order=kept["answer"].map({answer: place for place, answer in enumerate(preferred)}))
    first = kept.groupby("target")["order"].transform("min")
    kept = kept[kept["order"] == first]
    return kept.assign(net=net_share(kept), rule=kept["target"].map(rules))[
        [*CELL, "target", "rule", "seed", "net", "n_noise"]
    ]


def by_rule(net: pd.DataFrame, members: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The table `model_dependence`: net success by learning rule of the target and for each target, and how far it lies
    below that on networks.

    Args:
        net: `net_success`.
        members: by ensemble, its members; a target that the attack was made on is no case of transfer and left out.
    """
    own = [
        source == target or target in members.get(source, ())
        for source, target in zip(net["source"], net["target"], strict=True)
    ]
    net = net[~pd.Series(own, index=net.index) & (net["rule"] != CONTROL)]
    rows = []
    for cell, part in net.groupby(CELL, sort=True):
        head = dict(zip(CELL, cell, strict=True))
        reference = part[part["rule"] == NETWORKS].groupby("seed")["net"].mean()
        for kind in ("rule", "target"):
            for name, group in part.groupby(kind, sort=True):
                row = {**head, "kind": kind, "target": name}
                means, n = group.groupby("seed")["net"].mean(), int(group["n_noise"].sum())
                rows.append({**row, "quantity": "net", **_over_seeds(means, n)})
                if not reference.empty and group["rule"].iloc[0] != NETWORKS:
                    below = (reference - means).dropna()
                    rows.append({**row, "quantity": "below_networks", **_over_seeds(below, n)})
    return pd.DataFrame(rows)


def held_out_success(
    net: pd.DataFrame, ensembles: Mapping[str, Mapping[str, Any]], rules: Mapping[str, str]
) -> pd.DataFrame:
    """The table `ensembles`: net success of each source on models of a learning rule that it does not hold.

    Args:
        net: `net_success`.
        ensembles: by name ``members`` and ``held_out``.
        rules: learning rule by model.

    Returns:
        DataFrame with the columns held_out (the rule, or ``least``, the least over rules), source (an ensemble, a
        network, or ``leave_one_out``, which is for each rule the ensemble that leaves it out), attack, budget,
        quantity: ``net``, and on the row of ``leave_one_out`` ``minus_deep_networks`` and ``minus_best_single``, its
        least success less theirs over the same rules. The best single source is the one whose least success is largest
        on average.
    """
    plain = [name for name, ensemble in ensembles.items() if not ensemble["held_out"]]
    rows = []
    for (attack, budget), part in net.groupby(["attack", "budget"], sort=True):
        if not set(ensembles) & set(part["source"]):
            continue
        head = {"attack": attack, "budget": budget}
        success = _success_by_rule(part, ensembles, rules)
        n = int(part["n_noise"].groupby([part["seed"], part["target"]]).first().sum())
        rows += [
            {"held_out": rule, "source": source, **head, "quantity": "net", **_over_seeds(values, n)}
            for (source, rule), values in success.items()
        ]
        rows += _least(success, head, plain, n)
    return pd.DataFrame(rows)


def _success_by_rule(
    net: pd.DataFrame, ensembles: Mapping[str, Mapping[str, Any]], rules: Mapping[str, str]
) -> dict[tuple[str, str], pd.Series]:
    """Net success per seed by source and held-out rule, of every source that does not hold the rule.

    An ensemble that leaves rules out counts where it does, as ``leave_one_out``; a plain one and a network everywhere.
    """
    held = {name: {rule} for name, rule in rules.items()}
    held |= {name: {rules[member] for member in ensemble["members"]} for name, ensemble in ensembles.items()}
    success = {}
    leaving_out = {rules[entry["held_out"][0]]: name for name, entry in ensembles.items() if entry["held_out"]}
    for rule, ensemble in leaving_out.items():
        others = {name for name in leaving_out.values() if name != ensemble}
        reached = net[net["target"].isin(ensembles[ensemble]["held_out"])]
        for source in dict.fromkeys(reached["source"]):
            if source not in others and rules.get(source) != CONTROL and rule not in held[source]:
                name = LEAVE_ONE_OUT if source == ensemble else source
                success[name, rule] = reached[reached["source"] == source].groupby("seed")["net"].mean()
    return success


def _least(
    success: Mapping[tuple[str, str], pd.Series], head: Mapping[str, Any], plain: Sequence[str], n: int
) -> list[dict[str, Any]]:
    """Rows on each source's least success over rules, and on that of ``leave_one_out`` less its rivals'."""
    by_source: dict[str, dict[str, pd.Series]] = {}
    for (source, rule), values in success.items():
        by_source.setdefault(source, {})[rule] = values
    least = {source: pd.DataFrame(values).min(axis=1) for source, values in by_source.items()}
    rows = [
        {"held_out": "least", "source": source, **head, "quantity": "net", **_over_seeds(values, n)}
        for source, values in least.items()
    ]
    if LEAVE_ONE_OUT not in least:
        return rows
    rivals = {f"minus_{name}": name for name in plain if name in least}
    single = [source for source in least if source not in (*plain, LEAVE_ONE_OUT)]
    if single:
        rivals["minus_best_single"] = max(single, key=lambda source: least[source].mean())
    own = by_source[LEAVE_ONE_OUT]
    for quantity, rival in rivals.items():
        over_same = pd.DataFrame({rule: own[rule] for rule in by_source[rival] if rule in own}).min(axis=1)
        row = {"held_out": "least", "source": LEAVE_ONE_OUT, **head, "quantity": quantity, "rival": rival}
        rows.append(row | _over_seeds((over_same - least[rival]).dropna(), n))
    return rows


def _over_seeds(values: pd.Series, n: int) -> dict[str, Any]:
    return vars(mean_over_seeds(values, n=n, bounds=(-1.0, 1.0)))
