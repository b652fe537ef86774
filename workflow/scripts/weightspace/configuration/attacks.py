"""Threat models, and what is attacked with what: grey images, ensembles, and binary patterns."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from weightspace.configuration.messages import ConfigError, among, did_you_mean, dotted, sentence, show
from weightspace.configuration.names import check_chosen, check_defined, unfit
from weightspace.data import WHITE, levels
from weightspace.plan import Plan, distinct


def check_threat_models(config: Mapping[str, Any]) -> None:
    """Budgets of the norm's own kind, of one grey level at least: images are of 8 bits, so a smaller change is none."""
    for name, attack in config["attacks"].items():
        for index, budget in enumerate(attack["budgets"]):
            if attack["norm"] == "linf" and budget > 1:
                allowed = "a number above 0 and at most 1, a share of full scale, since the norm is linf"
                raise ConfigError(sentence(("attacks", name, "budgets", index), budget, allowed))
            if levels(budget) < 1:
                allowed = "0.00393 or more, one grey level of 255, since a smaller change is rounded to none"
                raise ConfigError(sentence(("attacks", name, "budgets", index), budget, allowed))


def rounded_budgets(config: Mapping[str, Any]) -> Iterator[str]:
    """A sentence on each budget of a pixel of which whole grey levels leave much unused, such as 2/255 written as
    0.0078.
    """
    for name, attack in config["attacks"].items():
        for budget in attack["budgets"] if attack["norm"] == "linf" else ():
            whole = levels(budget)
            if whole < 0.9 * WHITE * budget:
                yield (
                    f"attacks.{name}.budgets: {budget:g} is {WHITE * budget:.3g} grey levels of {WHITE} and works as"
                    f" {whole}; for {whole + 1} write {math.ceil((whole + 1) / WHITE * 1e5) / 1e5:g}"
                )


# --- grey images


def check_adversarial(plan: Plan) -> None:
    """What is compared under attack is defined, made, and has its controls."""
    config, compared = plan.config, plan.config["adversarial"]
    for kind in ("networks", "memories", "controls", "attacks", "ensembles"):
        check_defined(config, ("adversarial", kind), compared[kind], kind)
    check_defined(config, ("adversarial", "few", "attacks"), compared["few"]["attacks"], "attacks")
    if not plan.answering:
        raise ConfigError(
            "run.networks holds controls only, networks of random labels or of few images; allowed: at least one"
            " network that learns the given labels of all images"
        )
    _check_which_attacks(plan)
    _check_controls_of_attacks(plan)
    _check_ensembles(plan)
    _check_pairs(("adversarial", "pairs"), compared["pairs"], distinct(*(config[kind] for kind in _MODELS)))


def _check_pairs(path: tuple[str | int, ...], pairs: Sequence[Sequence[str]], known: list[str]) -> None:
    """Pairs are of two different models that are defined; which of them run decides what is compared."""
    for place, pair in enumerate(pairs):
        for number, name in enumerate(pair):
            if name not in known:
                allowed = "a network, memory or control that is defined" if path[0] == "adversarial" else _DEFINED
                raise ConfigError(sentence((*path, place, number), name, allowed, did_you_mean(name, sorted(known))))
        if pair[0] == pair[1]:
            raise ConfigError(f"{dotted((*path, place))} is {among(pair)}; allowed: two different models")


def _check_which_attacks(plan: Plan) -> None:
    """Each attack stands where it belongs, and what is transferred is made."""
    compared = plan.config["adversarial"]
    for name in plan.attacks:
        if plan.knows_nothing(name):
            raise ConfigError(
                unfit(("run", "attacks"), name, "attacks on a network; noise belongs to adversarial.attacks")
            )
    many = distinct(plan.attacks, compared["attacks"])
    for name in compared["few"]["attacks"]:
        if name in many:
            allowed = "attacks that are neither in run.attacks nor in adversarial.attacks, which have more images"
            raise ConfigError(unfit(("adversarial", "few", "attacks"), name, allowed))
    made = [name for name in many if not plan.knows_nothing(name)]
    what = "an attack on networks of run.attacks or adversarial.attacks"
    check_chosen(("adversarial", "transferred"), compared["transferred"], made, what)
    if compared["ensemble_attack"] not in compared["transferred"]:
        allowed = f"one of adversarial.transferred, {among(compared['transferred'])}"
        raise ConfigError(sentence(("adversarial", "ensemble_attack"), compared["ensemble_attack"], allowed))


def _check_controls_of_attacks(plan: Plan) -> None:
    """There is an attack to probe, noise beside the shown attack, and what masked gradients cannot mislead."""
    attacks, few = plan.config["attacks"], plan.config["adversarial"]["few"]["attacks"]
    if plan.probed_attack() in (None, *few):
        raise ConfigError(
            "run.attacks holds no attack of the method pgd and the norm linf; allowed: at least one, which the checks"
            " of attacks probe"
        )
    shown = attacks[plan.shown["attack"]]
    noises = [attacks[name] for name in plan.noises]
    if not any(noise["norm"] == shown["norm"] and set(shown["budgets"]) <= set(noise["budgets"]) for noise in noises):
        budgets = f"the norm {shown['norm']} and the budgets {among(shown['budgets'])}"
        raise ConfigError(
            f"adversarial.attacks holds no noise of {budgets}; allowed: choices with the control of"
            " paper_experiment.attack"
        )
    for knowledge in ("scores", "labels"):
        if not any(attacks[name]["knowledge"] == knowledge for name in plan.made_attacks):
            raise ConfigError(
                f"adversarial.few.attacks holds no attack that sees {knowledge} only; allowed: choices with at least"
                " one, since without it masked gradients go unnoticed"
            )


def _check_ensembles(plan: Plan) -> None:
    """Members have gradients and are trained; no ensemble has a model's name, since their images share a folder."""
    config = plan.config
    trained, defined = distinct(plan.attacked, plan.all_memories), distinct(*(config[kind] for kind in _MODELS))
    for name in plan.ensembles:
        if name in defined:
            raise ConfigError(
                f"ensembles.{name} has the name of a model; allowed: a name that is in neither networks nor memories"
                " nor controls"
            )
        for index, model in enumerate(plan.members(name)):
            _check_gradients(config, ("ensembles", name, "members", index), model)
            if model not in trained:
                _refuse_member(
                    ("ensembles", name, "members", index), model, "a model that run or adversarial names", trained
                )
        for index, model in enumerate(config["ensembles"][name]["held_out"]):
            if model not in defined:
                allowed = "a model that networks, memories or controls define"
                _refuse_member(("ensembles", name, "held_out", index), model, allowed, defined)
            if plan.kind(model) in {plan.kind(member) for member in plan.members(name)}:
                allowed = f"a model of a learning rule that no member has, unlike {plan.kind(model)}"
                raise ConfigError(sentence(("ensembles", name, "held_out", index), model, allowed))
        if config["ensembles"][name]["held_out"] and not plan.ensemble(name)["held_out"]:
            raise ConfigError(
                f"ensembles.{name}.held_out holds no model that answers in this run; allowed: none, or one at least of"
                " those that run and adversarial name"
            )
    if plan.ensembles and not any(config["ensembles"][name]["held_out"] for name in plan.ensembles):
        raise ConfigError(
            f"adversarial.ensembles is {among(plan.ensembles)}, which hold out no model; allowed: none, or one ensemble"
            " at least with models held out, which the table ensembles is about"
        )


_MODELS = ("networks", "memories", "controls")
_DEFINED = "a network, memory or control that is defined, or what binary_attacks.models defines"


def _check_gradients(config: Mapping[str, Any], path: tuple[str | int, ...], model: str) -> None:
    if model in config["controls"]:
        allowed = "networks and memories"
        raise ConfigError(f"{dotted(path)} is {show(model)}, a control, which is not attacked; allowed: {allowed}")


def _refuse_member(path: tuple[str | int, ...], model: str, allowed: str, known: list[str]) -> None:
    raise ConfigError(sentence(path, model, allowed, did_you_mean(model, sorted(known))))


# --- binary patterns


def check_binary_attacks(plan: Plan) -> None:
    """The models attacked by flips are trained, stored or composed of such, and the attacks have what they need."""
    config, section = plan.config, plan.config["binary_attacks"]
    recalling = [name for name in config["memories"] if plan.stores(name) and _can_recall(plan, name)]
    for name, definition in section["models"].items():
        for kind in _MODELS:
            if name in config[kind]:
                raise ConfigError(
                    f"binary_attacks.models.{name} has the name of a model in {kind}; allowed: a name that is not in"
                    f" {kind}"
                )
        if name in section["run"]["models"]:
            _check_parts(plan, name, definition, recalling)
    known = distinct(plan.attacked, plan.all_memories, recalling, plan.controls, section["models"])
    check_chosen(("binary_attacks", "run", "attacks"), section["run"]["attacks"], section["attacks"])
    for name in section["run"]["models"]:
        if name not in known:
            allowed = (
                "a network or memory that this run trains, a memory of rule dense, a control, or what"
                " binary_attacks.models defines"
            )
            raise ConfigError(unfit(("binary_attacks", "run", "models"), name, allowed, known))
    networks = [name for name in plan.flipped if name in config["networks"]]
    if section["network"] not in networks:
        allowed = f"a network of binary_attacks.run.models, {among(networks)}"
        raise ConfigError(sentence(("binary_attacks", "network"), section["network"], allowed))
    _check_flips(plan)
    _check_search(plan, known)


def _can_recall(plan: Plan, memory: str) -> bool:
    """Whether a memory is there to recall from: one that this run trains, or of rule dense, which only stores."""
    return memory in plan.all_memories or plan.config["memories"][memory]["rule"] == "dense"


def _check_parts(plan: Plan, name: str, definition: Mapping[str, Any], recalling: list[str]) -> None:
    """The memory and the network that a composed model is made of."""
    path, features = ("binary_attacks", "models", name), definition["kind"] == "features"
    storing = [memory for memory in plan.config["memories"] if plan.stores(memory)]
    for key, known in (("memory", storing if features else recalling), ("network", plan.attacked)):
        if key in definition and definition[key] not in known:
            hint = did_you_mean(definition[key], known)
            raise ConfigError(sentence((*path, key), definition[key], among(known), hint))
    if features and plan.config["networks"][definition["network"]]["architecture"] != "mlp":
        allowed = "a network of architecture mlp, whose last hidden layer is the features"
        raise ConfigError(sentence((*path, "network"), definition["network"], allowed))


def _check_flips(plan: Plan) -> None:
    """Budgets ascend, and models without gradients have stand-ins."""
    section, top = plan.config["binary_attacks"], "binary_attacks"
    if section["budgets"] != sorted(section["budgets"]):
        raise ConfigError(
            f"{top}.budgets is {among(section['budgets'])}; allowed: numbers of flipped bits in ascending order"
        )
    smooth = [name for name in plan.flipped if not _has_gradients(plan.config, name)]
    for name in section["run"]["attacks"]:
        definition = section["attacks"][name]
        if definition.get("surrogates", True) is None and smooth:
            raise ConfigError(
                f"{top}.attacks.{name}.surrogates is null, but {smooth[0]} of {top}.run.models has no gradients; "
                "allowed: a mapping with the keys steps, steepness"
            )


def _check_search(plan: Plan, known: list[str]) -> None:
    """Pairs are of two different models that there are, queries ascend, and the search goes as far as the budgets."""
    section, path = plan.config["binary_attacks"], ("binary_attacks", "search")
    search = section["search"]
    catalogue = distinct(plan.config["networks"], plan.config["memories"], plan.config["controls"], known)
    _check_pairs((*path, "pairs"), search["pairs"], catalogue)
    corruptions = plan.config["corruptions"]
    for name in corruptions["models"]:
        if name not in catalogue:
            raise ConfigError(unfit(("corruptions", "models"), name, _DEFINED, catalogue))
    _check_pairs(("corruptions", "pairs"), corruptions["pairs"], catalogue)
    if search["queries"] != sorted(set(search["queries"])):
        found = among(search["queries"])
        raise ConfigError(f"{dotted((*path, 'queries'))} is {found}; allowed: numbers of queries in ascending order")
    if search["largest"] < max(section["budgets"]):
        allowed = f"at least {max(section['budgets'])}, the largest of binary_attacks.budgets"
        raise ConfigError(sentence((*path, "largest"), search["largest"], allowed))


def _has_gradients(config: Mapping[str, Any], name: str) -> bool:
    """Whether the model that a section's name stands for can be differentiated: no recall is part of it."""
    stored = config["memories"].get(name, {})
    composed = config["binary_attacks"]["models"].get(name, {})
    return "patterns" not in stored and composed.get("kind") != "memory_network" and composed.get("head") != "recall"
