"""Transfer of attacks between models: by learning rule of the target (claim C5), and from ensembles to rules that they
hold out (claim C7).

Success is net: the share of images misclassified under attack less the share misclassified with noise of the same size,
on images that all networks and the target get right when clean. An attack is credited with nothing that the size of the
change alone does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool

from weightspace.estimates import EQUAL_SEEDS, NUMBERS, clopper_pearson, mean_over_seeds
from weightspace.files import seed_of
from weightspace.robustness.paired_errors import (
    NO_SOURCE,
    PairedErrors,
    count,
    count_cell,
    net_share,
    summarise,
)
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
    below = pd.concat(
        [
            below_networks(scores, settings["networks"], settings["rules"], settings["noises"], members).assign(
                seed=seed
            )
            for seed, scores in by_seed.items()
        ],
        ignore_index=True,
    )
    dependence = [
        by_rule(rows, below[below.networks_see == sees], members).assign(networks_see=sees)
        for sees, rows in net.items()
    ]
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
    differing = kept["only_attack"] + kept["only_noise"]
    return kept.assign(net=net_share(kept), differing=differing, rule=kept["target"].map(rules))[
        [*CELL, "target", "rule", "seed", "net", "n_noise", "differing"]
    ]


def below_networks(
    scores: Mapping[str, pd.DataFrame],
    networks: Sequence[str],
    rules: Mapping[str, str],
    noises: Mapping[str, str | None],
    members: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """How far one seed's net success on each target lies below its mean on feed-forward networks, all on the same
    images: those that the target and all networks get right when clean, as they see them.

    Images that only the networks get right are harder: taken with them, networks would seem more easily misled.

    Args: as of `count_targets`; members, by ensemble: a model that the attack was made on is no case of transfer.

    Returns: rows networks_see, source, attack, budget, target, rule, below, n_noise (images), and differing, on how
    many of them attack and noise differ for the target.
    """
    errors = {model: PairedErrors(rows) for model, rows in scores.items()}
    feedforward = [model for model in errors if rules[model] == NETWORKS]
    common = _both(*(errors[network].right_when_clean("grey") for network in networks))
    rows = []
    for sees, preferred in MAIN.items():
        seen = {model: _main_answer(own, preferred) for model, own in errors.items()}
        right = _both(common, *(errors[model].right_when_clean(seen[model]) for model in feedforward))
        for target, own in errors.items():
            if rules[target] in (NETWORKS, CONTROL):
                continue
            chosen = _both(right, own.right_when_clean(seen[target]))
            for source, attack, budget, answer in own.attacked():
                held = (source, *members.get(source, ()))
                if answer != seen[target] or source == NO_SOURCE or target in held:
                    continue
                cells = {model: (source, attack, budget, seen[model]) for model in (target, *feedforward)}
                counted = {
                    model: count_cell(errors[model], cell, noises.get(attack), chosen)
                    for model, cell in cells.items()
                    if model not in held and cell in errors[model].wrong
                }
                net = net_share(pd.DataFrame(counted).T.astype(float))
                others = net.drop(target)
                if len(others) and counted[target]["n_noise"]:
                    mine = counted[target]
                    head = {"networks_see": sees, "source": source, "attack": attack, "budget": budget}
                    differing = mine["only_attack"] + mine["only_noise"]
                    numbers = {"below": others.mean() - net[target], "n_noise": mine["n_noise"], "differing": differing}
                    rows.append({**head, "target": target, "rule": rules[target], **numbers})
    columns = ["networks_see", *CELL, "target", "rule", "below", "n_noise", "differing"]
    return pd.DataFrame(rows, columns=columns)


def _main_answer(errors: PairedErrors, preferred: Sequence[str]) -> str:
    """The first of the preferred ways of answering that a model has."""
    return next(answer for answer in preferred if answer in errors.answers())


def by_rule(net: pd.DataFrame, below: pd.DataFrame, members: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The table `model_dependence`: net success by learning rule of the target and for each target, and how far it lies
    below that on networks.

    Args:
        net: `net_success`.
        below: `below_networks` with the column seed.
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
        lower = below[np.logical_and.reduce([below[key] == value for key, value in head.items()])]
        for kind in ("rule", "target"):
            for name, group in part.groupby(kind, sort=True):
                row = {**head, "kind": kind, "target": name}
                means = group.groupby("seed")["net"].mean()
                rows.append({**row, "quantity": "net", **_over_seeds(means, group)})
                beside = lower[lower[kind] == name]
                if len(beside):
                    differences = beside.groupby("seed")["below"].mean()
                    rows.append({**row, "quantity": "below_networks", **_over_seeds(differences, beside)})
    return pd.DataFrame(rows, columns=None if rows else [*CELL, "kind", "target", "quantity", *NUMBERS])


def held_out_success(
    net: pd.DataFrame, ensembles: Mapping[str, Mapping[str, Any]], rules: Mapping[str, str]
) -> pd.DataFrame:
    """The table `ensembles`: net success of each source on models of a learning rule that it does not hold.

    Args:
        net: `net_success`.
        ensembles: by name ``members`` and ``held_out``.
        rules: learning rule by model.

    Returns:
        DataFrame with the columns held_out (the rule, or ``least``, the rule of least success), source (an ensemble, a
        network, or ``leave_one_out``, which is for each rule the ensemble that leaves it out), attack, budget,
        quantity: ``net``, and on the row of ``leave_one_out`` ``minus_deep_networks`` and ``minus_best_single``, its
        least success less theirs over the same rules. The rule of least success, and the single source whose least
        success is largest, are chosen on one half of the seeds and measured on the other, both ways (`crossed`).
    """
    plain = [name for name, ensemble in ensembles.items() if not ensemble["held_out"]]
    rows = []
    for (attack, budget), part in net.groupby(["attack", "budget"], sort=True):
        if not set(ensembles) & set(part["source"]):
            continue
        head = {"attack": attack, "budget": budget}
        success = _success_by_rule(part, ensembles, rules)
        rows += [
            {"held_out": rule, "source": source, **head, "quantity": "net", **_over_seeds(_by_seed(answers), answers)}
            for source, by_rule in success.items()
            for rule, answers in by_rule.items()
        ]
        rows += _least(success, head, plain)
    header = ["held_out", "source", "attack", "budget", "quantity", *NUMBERS]
    return pd.DataFrame(rows, columns=None if rows else header)


def _success_by_rule(
    net: pd.DataFrame, ensembles: Mapping[str, Mapping[str, Any]], rules: Mapping[str, str]
) -> dict[str, dict[str, pd.DataFrame]]:
    """Rows of ``net`` by source and held-out rule, of every source that does not hold the rule.

    An ensemble that leaves rules out counts where it does, as ``leave_one_out``; a plain one and a network everywhere.
    """
    held = {name: {rule} for name, rule in rules.items()}
    held |= {name: {rules[member] for member in ensemble["members"]} for name, ensemble in ensembles.items()}
    success: dict[str, dict[str, pd.DataFrame]] = {}
    leaving_out = {rules[entry["held_out"][0]]: name for name, entry in ensembles.items() if entry["held_out"]}
    for rule, ensemble in leaving_out.items():
        others = {name for name in leaving_out.values() if name != ensemble}
        reached = net[net["target"].isin(ensembles[ensemble]["held_out"])]
        for source in dict.fromkeys(reached["source"]):
            if source not in others and rules.get(source) != CONTROL and rule not in held[source]:
                name = LEAVE_ONE_OUT if source == ensemble else source
                success.setdefault(name, {})[rule] = reached[reached["source"] == source]
    return success


def _by_seed(answers: pd.DataFrame) -> pd.Series:
    return answers.groupby("seed")["net"].mean()


def _least(
    success: Mapping[str, Mapping[str, pd.DataFrame]], head: Mapping[str, Any], plain: Sequence[str]
) -> list[dict[str, Any]]:
    """Rows on the success of each source on its rule of least success, and on that of ``leave_one_out`` less its
    rivals'.
    """
    by_source = {
        source: pd.DataFrame({rule: _by_seed(rows) for rule, rows in by_rule.items()})
        for source, by_rule in success.items()
    }
    row = {"held_out": "least", **head}

    def described(values: pd.Series, rules: pd.Series, source: str) -> dict[str, Any]:
        behind = pd.concat([success[source][rule].query("seed == @seed") for seed, rule in rules.items()])
        return _over_seeds(values.dropna(), behind)

    rows = []
    for source, by_rule in by_source.items():
        values, rules = crossed(by_rule)
        rows.append({**row, "source": source, "quantity": "net", **described(values, rules, source)})
    if LEAVE_ONE_OUT not in by_source:
        return rows
    own = by_source[LEAVE_ONE_OUT]
    rivals = {f"minus_{name}": [name] for name in plain if name in by_source}
    if single := [source for source in by_source if source not in (*plain, LEAVE_ONE_OUT)]:
        rivals["minus_best_single"] = single
    for quantity, names in rivals.items():
        parts = []
        for chosen_on, measured_on in halves(own.index):
            rival = max(names, key=lambda name: by_source[name].reindex(chosen_on).mean().min())
            theirs = by_source[rival]
            same = own[[rule for rule in theirs if rule in own]]
            (mine, rules), (other, _) = (measured(table, chosen_on, measured_on) for table in (same, theirs))
            parts.append((mine - other, rules, rival))
        difference = pd.concat([part[0] for part in parts]).sort_index()
        rules = pd.concat([part[1] for part in parts]).sort_index()
        met = {
            "source": LEAVE_ONE_OUT,
            "quantity": quantity,
            "rival": ", ".join(dict.fromkeys(part[2] for part in parts)),
        }
        rows.append(row | met | described(difference, rules, LEAVE_ONE_OUT))
    return rows


def halves(seeds: Iterable[int]) -> list[tuple[list[int], list[int]]]:
    """Pairs of the seeds on which something is chosen and the others, on which it is measured: each is measured once.

    A single seed has no other, and is both.
    """
    ordered = sorted(seeds)
    one, other = ordered[::2], ordered[1::2]
    return [(one, other), (other, one)] if other else [(one, one)]


def measured(
    success: pd.DataFrame, chosen_on: Sequence[int], measured_on: Sequence[int]
) -> tuple[pd.Series, pd.Series]:
    """Success on the rule on which the seeds ``chosen_on`` succeed least, and that rule, by seed of ``measured_on``.

    Args: success, seeds (rows) by rule (columns).
    """
    rule = success.reindex(list(chosen_on)).mean().idxmin()
    values = success.reindex(list(measured_on))[rule]
    return values, pd.Series(rule, index=values.index)


def crossed(success: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """`measured` of every seed, its rule chosen on the half of the seeds that it is not in.

    The least of several noisy numbers lies below the least of what they estimate; chosen on other seeds it does not.
    """
    parts = [measured(success, *half) for half in halves(success.index)]
    values, rules = (pd.concat([part[place] for part in parts]).sort_index() for place in (0, 1))
    return values, rules


def _over_seeds(values: pd.Series, answers: pd.DataFrame) -> dict[str, Any]:
    """The estimate from one value per seed; ``answers``: the rows of `net_success` behind them.

    Where all seeds agree, it is as wide as the upper Clopper–Pearson limit of the share of images on which attack and
    noise differ, of the target where that is largest: images of several targets are the same ones.
    """
    found = mean_over_seeds(values, n=int(answers["n_noise"].sum()), bounds=(-1.0, 1.0))
    if found.interval == EQUAL_SEEDS:
        differing = answers.groupby("target")[["differing", "n_noise"]].sum().to_numpy(dtype=int)
        reach = max(clopper_pearson(int(hits), int(n))[1] for hits, n in differing)
        found = replace(found, low=max(-1.0, found.estimate - reach), high=min(1.0, found.estimate + reach))
    return vars(found)
