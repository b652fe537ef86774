"""What the sections on the weight space, on symmetries and on the pattern space need of one another."""

import math

from weightspace.configuration.messages import ConfigError, among, did_you_mean, dotted, sentence, show
from weightspace.configuration.names import check_choice


def check_weight_space(section):
    for name, model in section["binary_weights"]["models"].items():
        path, weights = ("weight_space", "binary_weights", "models", name), model["units"] * model["inputs"]
        if weights > 25:
            memory = f"whose 2^{weights} weight vectors would take {2.0 ** (weights - 30):,.3g} GiB"
            raise ConfigError(
                sentence(
                    (*path, "inputs"),
                    model["inputs"],
                    f"units times inputs at most 25; here they are {weights}, {memory}",
                )
            )
        if "digits" in model["tasks"] and math.isqrt(model["inputs"]) ** 2 != model["inputs"]:
            raise ConfigError(
                sentence((*path, "inputs"), model["inputs"], "a square number, 9 or 25, for the task digits")
            )
    counts = section["binary_weights"]["patterns"]
    if sorted(counts) != counts:
        raise ConfigError(
            f"weight_space.binary_weights.patterns is {show(counts)}; allowed: numbers in ascending order"
        )
    height, width = section["matrices"]["digits"]
    if height * width != section["matrices"]["neurons"]:
        neurons = section["matrices"]["neurons"]
        raise ConfigError(
            f"weight_space.matrices.digits makes {height * width} pixels; allowed: as many as"
            f" weight_space.matrices.neurons, {neurons}"
        )


def check_cones(config):
    section = config["weight_space"]["cones"]
    network = config["networks"].get(section["network"])
    fit = [name for name in config["run"]["networks"] if _is_tanh_on_patterns(config["networks"][name])]
    if section["network"] not in fit:
        found = (
            section["network"]
            if network is None or section["network"] not in config["run"]["networks"]
            else f"{section['network']}, of another kind"
        )
        allowed = (
            "one of run.networks that is fully connected with tanh units and takes binary images,"
            f" {among(fit) if fit else 'of which there is none'}"
        )
        raise ConfigError(sentence(("weight_space", "cones", "network"), found, allowed))
    if section["patterns"] < section["batch_size"]:
        raise ConfigError(
            sentence(
                ("weight_space", "cones", "batch_size"),
                section["batch_size"],
                f"at most the number of patterns, {section['patterns']}",
            )
        )
    section = config["weight_space"]["loss_levels"]
    if section["patterns"] < section["training"]["batch_size"]:
        found, path = section["training"]["batch_size"], ("weight_space", "loss_levels", "training", "batch_size")
        raise ConfigError(sentence(path, found, f"at most the number of patterns, {section['patterns']}"))


def _is_tanh_on_patterns(network):
    return network["architecture"] == "mlp" and network["activation"] == "tanh" and network["input"] == "binary"


def check_symmetry(config):
    name = check_choice(config, ("symmetry", "network"), "networks")
    network = config["networks"][name]
    if network["architecture"] != "mlp" or network["activation"] != "tanh":
        found = (
            f"{network['architecture']} with {network['activation']}"
            if "activation" in network
            else network["architecture"]
        )
        raise ConfigError(
            f"symmetry.network is {show(name)}, which is {found}; allowed: a network of architecture mlp with"
            " activation tanh, which is odd"
        )
    trained = [*config["run"]["networks"], *config["adversarial"]["networks"]]
    for index, further in enumerate(config["symmetry"]["further"]):
        if further not in trained or config["networks"][further]["architecture"] == "recurrent":
            feedforward = [
                one
                for one in dict.fromkeys(trained)
                if one in config["networks"] and config["networks"][one]["architecture"] != "recurrent"
            ]
            allowed = f"a feed-forward network of run.networks or adversarial.networks, {among(feedforward)}"
            raise ConfigError(
                sentence(("symmetry", "further", index), further, allowed, did_you_mean(further, feedforward))
            )
    for index, memory in enumerate(config["symmetry"]["memories"]):
        if memory not in config["run"]["memories"] or "patterns" not in config["memories"][memory]:
            storing = [one for one in config["run"]["memories"] if "patterns" in config["memories"][one]]
            allowed = f"one of run.memories that stores patterns, {among(storing)}"
            raise ConfigError(sentence(("symmetry", "memories", index), memory, allowed, did_you_mean(memory, storing)))
    ordering = config["ordering"]
    if ordering["batch_size"] > ordering["images"]:
        raise ConfigError(
            f"ordering.batch_size is {ordering['batch_size']}; allowed: at most as many as ordering.images, which are"
            f" {ordering['images']}"
        )


def check_pattern_space(config):
    section, largest = config["pattern_space"], config["pattern_space"]["largest"]
    shown = section["shown"]
    for path, radii in ((("shown_radii",), section["shown_radii"]), (("shown", "distances"), shown["distances"])):
        for index, radius in enumerate(radii):
            if radius > section["radius"]:
                raise ConfigError(
                    sentence(
                        ("pattern_space", *path, index),
                        radius,
                        f"at most pattern_space.radius, which is {section['radius']}",
                    )
                )
    chosen, models = config["run"]["networks"] + config["run"]["memories"], [*config["networks"], *config["memories"]]
    for path, names, known in (
        (("counted",), section["counted"], section["digits"]),
        (("models",), section["models"], chosen),
        (("exhaustive",), section["exhaustive"], config["networks"]),
        (("rare", "models"), section["rare"]["models"], models),
        (("shown", "digits"), [shown["digits"]], section["counted"]),
        (("shown", "network"), [shown["network"]], config["run"]["networks"]),
        (
            ("shown", "memory"),
            [shown["memory"]],
            [name for name in config["run"]["memories"] if "patterns" in config["memories"].get(name, ())],
        ),
        (("shown", "network"), [shown["network"]], section["digits"].get(shown["digits"], {}).get("networks", [])),
        (("shown", "basins"), [shown["basins"]], section["digits"].get(shown["digits"], {}).get("rules", [])),
        (
            ("coverage", "digits"),
            [section["coverage"]["digits"]],
            [name for name, digits in section["digits"].items() if digits["networks"]],
        ),
    ):
        for index, name in enumerate(names):
            if name not in known:
                raise ConfigError(
                    sentence(("pattern_space", *path, index), name, among(known), did_you_mean(name, list(known)))
                )
    for name, digits in section["digits"].items():
        path, pixels = ("pattern_space", "digits", name), math.prod(digits["shape"])
        if pixels > largest:
            takes = (
                f"{20 * 2**pixels / 2**30:,.0f} GiB of memory a model" if pixels < 60 else "more memory than there is"
            )
            raise ConfigError(
                f"{dotted((*path, 'shape'))} makes {pixels} pixels; allowed: at most pattern_space.largest, which is"
                f" {largest}; to visit 2^{pixels} patterns takes {takes}"
            )
        for index, radius in enumerate(section["radii"]):
            if radius > pixels:
                raise ConfigError(
                    sentence(
                        ("pattern_space", "radii", index), radius, f"at most the {pixels} pixels of {dotted(path)}"
                    )
                )
        if not digits["networks"] and not digits["rules"]:
            raise ConfigError(f"{dotted(path)} names neither networks nor rules; allowed: one of either at least")
        for key, known in (("networks", config["networks"]), ("rules", config["capacity"]["rules"])):
            for index, chosen in enumerate(digits[key]):
                if chosen not in known:
                    allowed = f"what {'networks' if key == 'networks' else 'capacity.rules'} defines, {among(known)}"
                    raise ConfigError(sentence((*path, key, index), chosen, allowed, did_you_mean(chosen, known)))
        for index, chosen in enumerate(digits["networks"]):
            if config["networks"][chosen]["input"] != "binary":
                raise ConfigError(sentence((*path, "networks", index), chosen, "a network whose input is binary"))
