"""Transfer of attacks between models: by learning rule of the target (claim C5), and from ensembles to rules that they
hold out (claim C7).

Success is net: the share of images misclassified under attack less the share misclassified with noise of the same size,
on images that all networks and the target get right when clean. An attack is credited with nothing that the size of the
change alone does.
"""

import pandas as pd

from weightspace.estimates import mean_over_seeds
from weightspace.robustness.paired_outcomes import NO_SOURCE, Outcomes, count, net_share

# The way of answering that stands for a model: a network's, on either image, or a memory's or a control's, which have
# but one image.
MAIN = {"grey": ("grey", "nearest", "binarised"), "binarised": ("binarised", "nearest", "grey")}
NETWORKS = "feedforward"
CONTROL = "control"
COMMON = "right_all"


def count_targets(scores, networks, noises):
    """Counts of one seed's transferred attacks on every target.

    Args:
        scores: by model, rows of `scoring.score` with attack and network, this seed's.
        networks: names of the networks that must be right when clean; ``noises``: see `paired_outcomes.count`.

    Returns:
        Rows of `paired_outcomes.count` with the column target, for the images ``all`` and ``right_all``, those that the
        target and all of ``networks`` get right when clean, these as they see them grey.
    """
    outcomes = {model: Outcomes(rows) for model, rows in scores.items()}
    common = None
    for network in networks:
        right = outcomes[network].right_when_clean("grey")
        common = right if common is None else common[: len(right)] & right[: len(common)]
    parts = []
    for model, own in outcomes.items():
        # What memories answer beside their own read-outs, the nearest stored pattern, is a control of the paper's
        # experiment.
        cells = [cell for cell in own.attacked() if cell[3] != "exact"]
        selections = {
            "all": lambda answer, own=own: own.right_when_clean(answer) | True,
            COMMON: lambda answer, own=own: _both(own.right_when_clean(answer), common),
        }
        parts.append(count(own, cells, noises, selections).assign(target=model))
    return pd.concat(parts, ignore_index=True)


def _both(first, second):
    length = min(len(first), len(second))
    return first[:length] & second[:length]


def net_success(counts, rules, *, networks_see):
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
        ["source", "attack", "budget", "target", "rule", "seed", "net", "n_noise"]
    ]


def by_rule(net, members):
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
    for cell, part in net.groupby(["source", "attack", "budget"], sort=True):
        head = dict(zip(("source", "attack", "budget"), cell, strict=True))
        reference = part[part["rule"] == NETWORKS].groupby("seed")["net"].mean()
        for kind in ("rule", "target"):
            for name, group in part.groupby(kind, sort=True):
                means, n = group.groupby("seed")["net"].mean(), int(group["n_noise"].sum())
                rows.append({**head, "kind": kind, "target": name, "quantity": "net", **_over_seeds(means, n)})
                if (kind, name) != ("rule", NETWORKS) and not reference.empty and group["rule"].iloc[0] != NETWORKS:
                    below = (reference - means).dropna()
                    rows.append(
                        {**head, "kind": kind, "target": name, "quantity": "below_networks", **_over_seeds(below, n)}
                    )
    return pd.DataFrame(rows)


def held_out_success(net, ensembles, rules):
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
    groups = {
        rules[entry["held_out"][0]]: (name, entry["held_out"]) for name, entry in ensembles.items() if entry["held_out"]
    }
    plain = [name for name, entry in ensembles.items() if not entry["held_out"]]
    held = {name: {rules[member] for member in entry["members"]} for name, entry in ensembles.items()} | {
        name: {rule} for name, rule in rules.items()
    }
    rows = []
    for (attack, budget), part in net.groupby(["attack", "budget"], sort=True):
        if not set(ensembles) & set(part["source"]):
            continue
        head = {"attack": attack, "budget": budget}
        success = {}  # (source, rule): net success per seed
        for rule, (ensemble, targets) in groups.items():
            reached = part[part["target"].isin(targets)]
            for source in dict.fromkeys(reached["source"]):
                eligible = source in [*plain, ensemble] or (source not in ensembles and rules[source] != CONTROL)
                if eligible and rule not in held[source]:
                    own = reached[reached["source"] == source]
                    success[source if source != ensemble else "leave_one_out", rule] = own.groupby("seed")["net"].mean()
        n = int(part["n_noise"].groupby([part["seed"], part["target"]]).first().sum())
        rows += [
            {"held_out": rule, "source": source, **head, "quantity": "net", **_over_seeds(net, n)}
            for (source, rule), net in success.items()
        ]
        rows += _least(success, head, plain, n)
    return pd.DataFrame(rows)


def _least(success, head, plain, n):
    by_source = {}
    for (source, rule), values in success.items():
        by_source.setdefault(source, {})[rule] = values
    least = {source: pd.DataFrame(values).min(axis=1) for source, values in by_source.items()}
    rows = [
        {"held_out": "least", "source": source, **head, "quantity": "net", **_over_seeds(values, n)}
        for source, values in least.items()
    ]
    single = [source for source in least if source not in (*plain, "leave_one_out")]
    if "leave_one_out" not in least:
        return rows
    rivals = {f"minus_{name}": name for name in plain if name in least}
    if single:
        rivals["minus_best_single"] = max(single, key=lambda source: least[source].mean())
    for quantity, rival in rivals.items():
        own = pd.DataFrame(
            {rule: by_source["leave_one_out"][rule] for rule in by_source[rival] if rule in by_source["leave_one_out"]}
        ).min(axis=1)
        row = {"held_out": "least", "source": "leave_one_out", **head, "quantity": quantity, "rival": rival}
        rows.append(row | _over_seeds((own - least[rival]).dropna(), n))
    return rows


def _over_seeds(values, n):
    return vars(mean_over_seeds(values, n=n, bounds=(-1.0, 1.0)))
