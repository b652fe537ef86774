"""Names that one section of the configuration uses and another must define, and the files that definitions name."""

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from weightspace import user_code
from weightspace.configuration.messages import ConfigError, among, did_you_mean, dotted, sentence, show
from weightspace.plan import Plan

# What stands in tables beside the names of definitions, or reads as a missing value.
RESERVED = ("all", "best", "clean", "leave_one_out", "nan", "none", "null", "random", "trained_by_width", "transfer")
Keys = tuple[str | int, ...]


def check_names(plan: Plan) -> None:
    """Names of definitions are their own, and what is run of each kind is defined."""
    config = plan.config
    _check_reserved(config)
    for kind, other, what in (
        ("memories", "networks", "network"),
        ("controls", "networks", "network"),
        ("controls", "memories", "memory"),
    ):
        shared = [name for name in config[other] if name in config[kind]]
        if shared:
            raise ConfigError(
                f"{kind}.{shared[0]} has the name of a {what}; allowed: a name that is not in {other}, since models"
                " share the folder results/models"
            )
    for kind, chosen in config["run"].items():
        check_defined(config, ("run", kind), chosen, kind)
    check_chosen(
        ("capacity", "run"), config["capacity"]["run"], config["capacity"]["rules"], "what capacity.rules defines"
    )


def _check_reserved(config: Mapping[str, Any]) -> None:
    sections: dict[Keys, Iterable[str]] = {
        (kind,): config[kind] for kind in ("networks", "memories", "controls", "attacks", "ensembles")
    }
    sections |= {("capacity", "rules"): config["capacity"]["rules"]}
    sections |= {("binary_attacks", "models"): config["binary_attacks"]["models"]}
    for path, names in sections.items():
        for name in names:
            if name in RESERVED:
                raise ConfigError(
                    f"{dotted((*path, name))} has a name that tables use for something else; allowed: a name other than"
                    f" {among(RESERVED)}"
                )
    if config["dataset"]["name"] in RESERVED:
        raise ConfigError(
            sentence(("dataset", "name"), config["dataset"]["name"], f"a name other than {among(RESERVED)}")
        )


def check_user_code(config: Mapping[str, Any], base: str | Path) -> None:
    """Files of one's own are there and define what they should; nothing of them is run here."""
    sections = {(kind,): config[kind] for kind in ("networks", "memories", "attacks")} | {
        ("capacity", "rules"): config["capacity"]["rules"]
    }
    for path, definitions in sections.items():
        for name, definition in definitions.items():
            if "file" in definition:
                _check_file((*path, name, "file"), definition, base)


def check_given_weights(plan: Plan, base: str | Path) -> None:
    """Files of weights that were learnt elsewhere are there, and what must be trained here is no network of these."""
    config, given = plan.config, [name for name, one in plan.config["networks"].items() if "weights" in one]
    for name in given:
        path = ("networks", name, "weights")
        try:
            files = plan.given_weights(name, plan.seeds)
        except (KeyError, IndexError, ValueError):
            allowed = "a path, in which {seed} may stand for the seed's number"
            raise ConfigError(sentence(path, config["networks"][name]["weights"], allowed)) from None
        missing = [file for file in files if not os.path.isfile(os.path.join(base, file))]
        if name in plan.attacked and missing:
            allowed = "a file of safetensors or a PyTorch state dict, for each seed where {seed} stands in it"
            raise ConfigError(f"{dotted(path)} needs {show(missing[0])}, which does not exist; allowed: {allowed}")
    trained: dict[Keys, list[str]] = {
        ("gradient_descent_path", "network"): [config["gradient_descent_path"]["network"]]
    }
    for digits, section in config["pattern_space"]["digits"].items():
        trained[("pattern_space", "digits", digits, "networks")] = section["networks"]
    for keys, names in trained.items():
        for name in names:
            if name in given:
                raise ConfigError(unfit(keys, name, "a network that is trained here, without the key weights"))


def _check_file(path: Keys, definition: Mapping[str, Any], base: str | Path) -> None:
    key, wanted = f"{dotted(path)} is {show(definition['file'])}", definition.get("function", "attack")
    allowed = f"a Python file that defines a function {wanted}"
    try:
        defined = user_code.defined_names(os.path.join(base, definition["file"]))
    except user_code.UserCodeError as error:
        raise ConfigError(f"{key}, but {' '.join(str(error).split())}; allowed: {allowed}") from error
    if wanted not in defined:
        raise ConfigError(
            f"{key}, which does not define {wanted}; allowed: {allowed}{did_you_mean(wanted, sorted(defined))}"
        )


def check_chosen(path: Keys, names: Iterable[str], known: Collection[str], what: str = "") -> None:
    """The names that a choice at ``path`` makes are among those ``known``, which ``what`` describes."""
    for name in names:
        if name not in known:
            raise ConfigError(unfit(path, name, f"{what}, {among(known)}" if what else among(known), known))


def unfit(path: Keys, name: str, allowed: str, near: Iterable[str] = ()) -> str:
    """The sentence on a name that a choice cannot hold; ``near`` are those that may have been meant."""
    return f"{dotted(path)} names {show(name)}; allowed: {allowed}{did_you_mean(name, list(near))}"


def check_defined(config: Mapping[str, Any], path: Keys, names: Iterable[str], kind: str) -> None:
    check_chosen(path, names, config[kind], f"what {kind} defines")


def check_choice(config: Mapping[str, Any], path: tuple[str, str], kind: str) -> str:
    """The name at ``path`` (section, key), which must be one of those that ``run`` chooses for its kind."""
    section, key = path
    name, chosen = config[section][key], config["run"][kind]
    if name not in chosen:
        raise ConfigError(sentence(path, name, f"one of run.{kind}, {among(chosen)}", did_you_mean(name, chosen)))
    return name


def check_paper_experiment(config: Mapping[str, Any]) -> None:
    """What the figures show is run, the memory stores images, and the budget is one of the attack's."""
    for key, kind in {"network": "networks", "attack": "attacks", "memory": "memories"}.items():
        check_choice(config, ("paper_experiment", key), kind)
    shown = config["paper_experiment"]
    if "patterns" not in config["memories"][shown["memory"]]:
        raise ConfigError(
            f"paper_experiment.memory is {show(shown['memory'])}, which stores no images; allowed: a memory that has"
            " patterns"
        )
    budgets = config["attacks"][shown["attack"]]["budgets"]
    if shown["budget"] not in budgets:
        allowed = f"one of attacks.{shown['attack']}.budgets, {among(budgets)}"
        raise ConfigError(sentence(("paper_experiment", "budget"), shown["budget"], allowed))


def check_energy_landscape(config: Mapping[str, Any]) -> None:
    name = check_choice(config, ("energy_landscape", "memory"), "memories")
    memory = config["memories"][name]
    # Only a rule that goes over its patterns repeatedly has an energy before and one after learning.
    if "passes" not in memory:
        raise ConfigError(
            f"energy_landscape.memory is {show(name)}, whose rule {memory['rule']} learns in one step; allowed: a"
            " memory whose rule has passes"
        )
    if memory["patterns"] < 3:
        raise ConfigError(
            f"energy_landscape.memory is {show(name)}, which stores {memory['patterns']}; allowed: a memory of 3 or"
            " more, which span the plane"
        )
