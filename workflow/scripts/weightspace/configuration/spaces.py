"""What the sections on the weight space, on symmetries and on the pattern space need of one another."""

import math
from collections.abc import Collection, Mapping
from typing import Any

from weightspace.configuration.messages import ConfigError, among, did_you_mean, dotted, sentence, show
from weightspace.configuration.names import check_choice, check_chosen, unfit
from weightspace.plan import Plan, distinct

# --- weight space


def check_weight_space(section: Mapping[str, Any]) -> None:
    """Small networks that can be enumerated, and memories whose digits have as many pixels as neurons."""
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


def check_attractors(section: Mapping[str, Any]) -> None:
    """Memories so small that all their states can be followed."""
    height, width = section["digits"]
    if height * width > 20:
        raise ConfigError(
            f"attractors.digits makes {height * width} pixels; allowed: at most 20, since all states of so many neurons"
            " are followed"
        )


def check_cones(plan: Plan) -> None:
    """The cones are learnt from patterns of a tanh network on binary images, in batches that there are."""
    config, section = plan.config, plan.config["weight_space"]["cones"]
    fit = [name for name in plan.networks if _is_tanh_on_patterns(config["networks"][name])]
    if section["network"] not in fit:
        of_another_kind = ", of another kind" if section["network"] in plan.networks else ""
        allowed = (
            "one of run.networks that is fully connected with tanh units and takes binary images,"
            f" {among(fit) if fit else 'of which there is none'}"
        )
        path = ("weight_space", "cones", "network")
        raise ConfigError(sentence(path, section["network"] + of_another_kind, allowed))


def _is_tanh_on_patterns(network: Mapping[str, Any]) -> bool:
    return network["architecture"] == "mlp" and network["activation"] == "tanh" and network["input"] == "binary"


# --- symmetry


def check_symmetry(plan: Plan) -> None:
    """Copies are made of a network of odd units, of feed-forward networks and of memories that store patterns."""
    config, section = plan.config, plan.config["symmetry"]
    name = check_choice(config, ("symmetry", "network"), "networks")
    network = config["networks"][name]
    if network["architecture"] != "mlp" or network["activation"] != "tanh":
        units = f" with {network['activation']}" if "activation" in network else ""
        raise ConfigError(
            f"symmetry.network is {show(name)}, which is {network['architecture']}{units}; allowed: a network of"
            " architecture mlp with activation tanh, which is odd"
        )
    feedforward = [one for one in plan.attacked if config["networks"][one]["architecture"] != "recurrent"]
    what = "a feed-forward network of run.networks or adversarial.networks"
    check_chosen(("symmetry", "further"), section["further"], feedforward, what)
    check_chosen(
        ("symmetry", "memories"), section["memories"], plan.storing, "one of run.memories that stores patterns"
    )
    points = section["barriers"]["points"]
    if points % 2 == 0:
        allowed = "odd numbers, so that the middle of the line is one of the points"
        raise ConfigError(sentence(("symmetry", "barriers", "points"), points, allowed))


# --- pattern space


def check_pattern_space(plan: Plan) -> None:
    """Models and digits are there, and no count is too large."""
    section = plan.config["pattern_space"]
    for keys, names, known in _choices_of_models(plan):
        check_chosen(("pattern_space", *keys), names, known)
    for keys, name, known in _single_choices(plan):
        if name not in known:
            raise ConfigError(sentence(("pattern_space", *keys), name, among(known), did_you_mean(name, known)))
    for name in section["digits"]:
        _check_digits(plan, name)


def _choices_of_models(plan: Plan) -> list[tuple[tuple[str, ...], list[str], Collection[str]]]:
    section = plan.config["pattern_space"]
    return [
        (("counted",), section["counted"], section["digits"]),
        (("models",), section["models"], [*plan.networks, *plan.memories]),
        (("exhaustive",), section["exhaustive"], plan.config["networks"]),
        (("agreement",), section["agreement"], [*plan.networks, *plan.memories]),
        (("rare", "models"), section["rare"]["models"], distinct(plan.config["networks"], plan.config["memories"])),
    ]


def _single_choices(plan: Plan) -> list[tuple[tuple[str, ...], str, Collection[str]]]:
    section = plan.config["pattern_space"]
    shown, digits = section["shown"], section["digits"]
    models = digits.get(shown["digits"], {"networks": [], "rules": []})
    return [
        (("shown", "digits"), shown["digits"], section["counted"]),
        (("shown", "network"), shown["network"], plan.networks),
        (("shown", "memory"), shown["memory"], plan.storing),
        (("shown", "network"), shown["network"], models["networks"]),
        (("shown", "basins"), shown["basins"], models["rules"]),
        (("coverage", "digits"), section["coverage"]["digits"], [name for name in digits if digits[name]["networks"]]),
    ]


def _check_digits(plan: Plan, name: str) -> None:
    config, section = plan.config, plan.config["pattern_space"]
    digits, path = section["digits"][name], ("pattern_space", "digits", name)
    pixels, largest = math.prod(digits["shape"]), section["largest"]
    if pixels > largest:
        takes = f"{20 * 2**pixels / 2**30:,.0f} GiB of memory a model" if pixels < 60 else "more memory than there is"
        raise ConfigError(
            f"{dotted((*path, 'shape'))} makes {pixels} pixels; allowed: at most pattern_space.largest, which is"
            f" {largest}; to visit 2^{pixels} patterns takes {takes}"
        )
    for index, radius in enumerate(section["radii"]):
        if radius > pixels:
            allowed = f"at most the {pixels} pixels of {dotted(path)}"
            raise ConfigError(sentence(("pattern_space", "radii", index), radius, allowed))
    if not digits["networks"] and not digits["rules"]:
        raise ConfigError(f"{dotted(path)} names neither networks nor rules; allowed: one of either at least")
    check_chosen((*path, "networks"), digits["networks"], config["networks"], "what networks defines")
    check_chosen((*path, "rules"), digits["rules"], config["capacity"]["rules"], "what capacity.rules defines")
    for network in digits["networks"]:
        if config["networks"][network]["input"] != "binary":
            raise ConfigError(unfit((*path, "networks"), network, "a network whose input is binary"))
