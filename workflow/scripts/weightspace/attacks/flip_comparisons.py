"""Which models of the section binary_attacks are compared with which, from the configuration alone: standard library
only.
"""


def compared_pairs(config):
    """List of (comparison, model, reference) for the table `flip_differences`."""
    section = config["binary_attacks"]
    network, models = section["network"], section["run"]["models"]
    trained = [name for name in models if name in (*config["networks"], *config["memories"]) and name != network]
    others = [name for name in trained if name in config["networks"]]
    composed = {name: section["models"][name] for name in models if name in section["models"]}
    pairs = [("memory_or_network", name, network) for name in trained]
    # A network for which the transferred patterns were not made either: the fair comparison under transfer.
    pairs += [("another_network", name, others[0]) for name in trained if name in config["memories"] and others]
    for name, definition in composed.items():
        if definition["kind"] == "nearest_neighbour":
            pairs.append(("control", name, network))
        elif definition["kind"] == "memory_network" and definition["network"] in models:
            pairs.append(("recall_then_classify", name, definition["network"]))
        elif definition["kind"] == "features" and definition["head"] != "linear":
            same = [
                linear
                for linear, other in composed.items()
                if other.get("head") == "linear" and other["network"] == definition["network"]
            ]
            pairs += [("same_features", name, linear) for linear in same]
    return pairs
