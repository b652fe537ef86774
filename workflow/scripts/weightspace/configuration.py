"""Checks of config.yaml and claims.yaml: the first fault becomes one sentence with the key, what was found and what is allowed.

The schemas in workflow/schemas say what each key may hold; the functions below them add what no schema can say, how keys must agree with one
another, with the datasets and with the disk. Runs at every start of Snakemake, so it imports nothing heavy.
"""

import difflib
import math
import os
import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

import jsonschema
import yaml

from weightspace import user_code
from weightspace.data import own_data
from weightspace.data.datasets import DATASETS

_SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
_DEEPEST = 12  # levels of nesting; config.yaml has four, and a YAML alias that contains itself has no end
_LARGEST = 10**20


class ConfigError(ValueError):
    """The configuration or the claims cannot be used; the message is one sentence on one line that names the key."""


def check_config(config, base=Path(".")):
    """Check a configuration as Snakemake has merged it.

    Args:
        config: the merged configuration.
        base: the folder that ``dataset.directory`` is relative to.

    Raises:
        ConfigError: something is missing, unknown, out of range or in contradiction to something else.
    """
    _check_against_schema(config, "config", "the configuration")
    _check_dataset(config["dataset"], base)
    _check_numbers_of_images(config, base)
    _check_names(config)
    _check_user_code(config, base)
    _check_threat_models(config)
    _check_paper_experiment(config)
    _check_energy_landscape(config)
    _check_small_memories(config)
    _check_weight_space(config["weight_space"])
    _check_adversarial(config)
    _check_choice(config, ("gradient_descent_path", "network"), "networks")
    _check_symmetry(config)
    _check_binary_attacks(config)
    _check_cones(config)
    _check_pattern_space(config)


def check_claims(claims):
    """Check the content of claims.yaml.

    Raises:
        ConfigError: a claim is incomplete, holds unknown keys, or two parts have the same id.
    """
    _check_against_schema(claims, "claims", "the file of claims")
    for claim, definition in claims["claims"].items():
        seen = set()
        for index, part in enumerate(definition["parts"]):
            path = ("claims", claim, "parts", index)
            if not re.fullmatch(f"{claim}[a-z]?", part["id"]):
                raise ConfigError(_sentence((*path, "id"), part["id"], f"{claim}, or {claim} and a small letter"))
            if part["id"] in seen:
                raise ConfigError(_sentence((*path, "id"), part["id"], "an id that no earlier part has"))
            seen.add(part["id"])
            decision = part["decision"]
            if decision["kind"] == "within" and not decision["low"] < decision["high"]:
                raise ConfigError(_sentence((*path, "decision", "low"), decision["low"], f"a number below high, which is {_show(decision['high'])}"))


def allowed_values(schema):
    """What a part of `load_schema` allows, in the words of the messages: ``a number above 0 and at most 1``."""
    return _allowed(schema)


@lru_cache
def load_schema(name="config"):
    """The schema ``config`` or ``claims`` as a dict, read once, with each ``$ref`` replaced by what it refers to."""
    schema = yaml.safe_load((_SCHEMAS / f"{name}.schema.yaml").read_text(encoding="utf-8"))
    definitions = schema.pop("$defs")

    def expand(node):
        if isinstance(node, list):
            return [expand(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            node = {**definitions[node["$ref"].removeprefix("#/$defs/")], **node}
            del node["$ref"]
        return {key: expand(value) for key, value in node.items()}

    schema = expand(schema)
    if name == "config":
        _give_rules_without_numbers(schema)
    return schema


def _give_rules_without_numbers(schema):
    """Let ``capacity.rules`` hold the kinds of ``memories`` that store patterns, less the number of patterns, which is what it varies."""
    (memory,) = schema["properties"]["memories"]["patternProperties"].values()
    kinds = [
        {
            **kind,
            "required": [key for key in kind["required"] if key != "patterns"],
            "properties": {key: value for key, value in kind["properties"].items() if key != "patterns"},
        }
        for kind in memory["oneOf"]
        if "patterns" in kind["properties"]
    ]
    rules = schema["properties"]["capacity"]["properties"]["rules"]["patternProperties"]
    (pattern,) = rules
    rules[pattern] = {"description": "One rule, without its number of patterns.", "oneOf": kinds}


# --- how keys must agree ------------------------------------------------------------------------------------------------------------------------


def _check_dataset(dataset, base):
    if dataset["file"] is not None:
        _check_own_data(dataset, base)
        return
    if dataset["name"] not in DATASETS:
        hint = _did_you_mean(dataset["name"], DATASETS)
        raise ConfigError(_sentence(("dataset", "name"), dataset["name"], f"{_among(DATASETS)}, or any name beside dataset.file", hint))
    if dataset["directory"] is None:
        return
    folder, names = Path(base) / dataset["directory"], DATASETS[dataset["name"]].names
    allowed = f"null, or a folder with {_among(names)}, each plain or .gz"
    # os.path answers False where pathlib would raise: on names that are too long, or that hold a null character.
    if not os.path.isdir(folder):
        raise ConfigError(f"dataset.directory is {_show(dataset['directory'])}, which is not an existing folder; allowed: {allowed}")
    for name in names:
        if not any(os.path.isfile(folder / (name + ending)) for ending in ("", ".gz")):
            raise ConfigError(f"dataset.directory is {_show(dataset['directory'])}, which lacks the file {name}; allowed: {allowed}")


def _check_own_data(dataset, base):
    if dataset["name"] in DATASETS or not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", dataset["name"]):
        known = "a name of its own beside dataset.file, at most 60 lower-case letters, digits and underscores, a letter first"
        raise ConfigError(_sentence(("dataset", "name"), dataset["name"], known))
    if dataset["directory"] is not None:
        raise ConfigError(_sentence(("dataset", "directory"), dataset["directory"], "null beside dataset.file"))
    try:
        own_data.shapes(Path(base) / dataset["file"])
    except own_data.OwnDataError as error:
        raise ConfigError(f"dataset.file: {' '.join(str(error).split())}") from error


def _sizes(dataset, base):
    """Numbers of training and of test images."""
    if dataset["file"] is None:
        return DATASETS[dataset["name"]].train_size, DATASETS[dataset["name"]].test_size
    shapes = own_data.shapes(Path(base) / dataset["file"])
    return shapes["train_images"][0], shapes["test_images"][0]


def _check_numbers_of_images(config, base):
    name = config["dataset"]["name"]
    train_size, test_size = _sizes(config["dataset"], base)
    train, test = (train_size, f"the number of training images of {name}"), (test_size, f"the number of test images of {name}")
    limited = [(("memories", memory, "patterns"), train) for memory, definition in config["memories"].items() if "patterns" in definition]
    limited += [(("controls", control, "patterns"), train) for control in config["controls"]]
    limited += [(("capacity", "images", index), train) for index in range(len(config["capacity"]["images"]))]
    limited += [
        (("gradient_descent_path", "images"), train),
        (("adversarial", "test_images"), test),
        (("binary_attacks", "random_images"), test),
        (("adversarial", "loss_ascent", "images"), train),
        (("recall_dynamics", "images"), test),
        (("symmetry", "images"), test),
        (("symmetry", "patterns"), test),
        (("ordering", "images"), train),
    ]
    for path, (limit, meaning) in limited:
        found = config
        for key in path:
            found = found[key]
        if found > limit:
            raise ConfigError(_sentence(path, found, f"at most {limit}, {meaning}"))


def _check_names(config):
    for kind, other, what in (("memories", "networks", "network"), ("controls", "networks", "network"), ("controls", "memories", "memory")):
        shared = [name for name in config[other] if name in config[kind]]
        if shared:
            raise ConfigError(
                f"{kind}.{shared[0]} has the name of a {what}; allowed: a name that is not in {other}, since models share the folder results/models"
            )
    for kind, chosen in config["run"].items():
        _check_defined(config, ("run", kind), chosen, kind)


def _check_user_code(config, base):
    """Files of one's own are there and define what they should; nothing of them is run here."""
    sections = {(kind,): config[kind] for kind in ("networks", "memories", "attacks")} | {("capacity", "rules"): config["capacity"]["rules"]}
    for path, definitions in sections.items():
        for name, definition in definitions.items():
            if "file" not in definition:
                continue
            key, wanted = f"{_dotted((*path, name, 'file'))} is {_show(definition['file'])}", definition.get("function", "attack")
            allowed = f"a Python file that defines a function {wanted}"
            try:
                defined = user_code.defined_names(os.path.join(base, definition["file"]))
            except user_code.UserCodeError as error:
                raise ConfigError(f"{key}, but {' '.join(str(error).split())}; allowed: {allowed}") from error
            if wanted not in defined:
                raise ConfigError(f"{key}, which does not define {wanted}; allowed: {allowed}{_did_you_mean(wanted, sorted(defined))}")


def _check_paper_experiment(config):
    for key, kind in {"network": "networks", "attack": "attacks", "memory": "memories"}.items():
        _check_choice(config, ("paper_experiment", key), kind)
    shown = config["paper_experiment"]
    if "patterns" not in config["memories"][shown["memory"]]:
        raise ConfigError(f"paper_experiment.memory is {_show(shown['memory'])}, which stores no images; allowed: a memory that has patterns")
    budgets = config["attacks"][shown["attack"]]["budgets"]
    if shown["budget"] not in budgets:
        allowed = f"one of attacks.{shown['attack']}.budgets, {_among(budgets)}"
        raise ConfigError(_sentence(("paper_experiment", "budget"), shown["budget"], allowed))


def _check_energy_landscape(config):
    name = _check_choice(config, ("energy_landscape", "memory"), "memories")
    memory = config["memories"][name]
    # Only a rule that goes over its patterns repeatedly has an energy before and one after learning.
    if "passes" not in memory:
        raise ConfigError(
            f"energy_landscape.memory is {_show(name)}, whose rule {memory['rule']} learns in one step; allowed: a memory whose rule has passes"
        )
    if memory["patterns"] < 3:
        raise ConfigError(
            f"energy_landscape.memory is {_show(name)}, which stores {memory['patterns']}; allowed: a memory of 3 or more, which span the plane"
        )


def _check_small_memories(config):
    rules = config["capacity"]["rules"]
    for index, name in enumerate(config["capacity"]["run"]):
        if name not in rules:
            raise ConfigError(
                _sentence(("capacity", "run", index), name, f"what capacity.rules defines, {_among(rules)}", _did_you_mean(name, rules))
            )
    height, width = config["attractors"]["digits"]
    if height * width > 20:
        raise ConfigError(f"attractors.digits makes {height * width} pixels; allowed: at most 20, since all states of so many neurons are followed")


def _check_weight_space(section):
    for name, model in section["binary_weights"]["models"].items():
        path, weights = ("weight_space", "binary_weights", "models", name), model["units"] * model["inputs"]
        if weights > 25:
            memory = f"whose 2^{weights} weight vectors would take {2.0 ** (weights - 30):,.3g} GiB"
            raise ConfigError(_sentence((*path, "inputs"), model["inputs"], f"units times inputs at most 25; here they are {weights}, {memory}"))
        if "digits" in model["tasks"] and math.isqrt(model["inputs"]) ** 2 != model["inputs"]:
            raise ConfigError(_sentence((*path, "inputs"), model["inputs"], "a square number, 9 or 25, for the task digits"))
    counts = section["binary_weights"]["patterns"]
    if sorted(counts) != counts:
        raise ConfigError(f"weight_space.binary_weights.patterns is {_show(counts)}; allowed: numbers in ascending order")
    height, width = section["matrices"]["digits"]
    if height * width != section["matrices"]["neurons"]:
        neurons = section["matrices"]["neurons"]
        raise ConfigError(f"weight_space.matrices.digits makes {height * width} pixels; allowed: as many as weight_space.matrices.neurons, {neurons}")


def _check_cones(config):
    section = config["weight_space"]["cones"]
    network = config["networks"].get(section["network"])
    fit = [name for name in config["run"]["networks"] if _is_tanh_on_patterns(config["networks"][name])]
    if section["network"] not in fit:
        found = (
            section["network"] if network is None or section["network"] not in config["run"]["networks"] else f"{section['network']}, of another kind"
        )
        allowed = (
            f"one of run.networks that is fully connected with tanh units and takes binary images, {_among(fit) if fit else 'of which there is none'}"
        )
        raise ConfigError(_sentence(("weight_space", "cones", "network"), found, allowed))
    if section["patterns"] < section["batch_size"]:
        raise ConfigError(
            _sentence(("weight_space", "cones", "batch_size"), section["batch_size"], f"at most the number of patterns, {section['patterns']}")
        )
    section = config["weight_space"]["loss_levels"]
    if section["patterns"] < section["training"]["batch_size"]:
        found, path = section["training"]["batch_size"], ("weight_space", "loss_levels", "training", "batch_size")
        raise ConfigError(_sentence(path, found, f"at most the number of patterns, {section['patterns']}"))


def _is_tanh_on_patterns(network):
    return network["architecture"] == "mlp" and network["activation"] == "tanh" and network["input"] == "binary"


def _check_symmetry(config):
    name = _check_choice(config, ("symmetry", "network"), "networks")
    network = config["networks"][name]
    if network["architecture"] != "mlp" or network["activation"] != "tanh":
        found = f"{network['architecture']} with {network['activation']}" if "activation" in network else network["architecture"]
        raise ConfigError(
            f"symmetry.network is {_show(name)}, which is {found}; allowed: a network of architecture mlp with activation tanh, which is odd"
        )
    trained = [*config["run"]["networks"], *config["adversarial"]["networks"]]
    for index, further in enumerate(config["symmetry"]["further"]):
        if further not in trained or config["networks"][further]["architecture"] == "recurrent":
            feedforward = [
                one for one in dict.fromkeys(trained) if one in config["networks"] and config["networks"][one]["architecture"] != "recurrent"
            ]
            allowed = f"a feed-forward network of run.networks or adversarial.networks, {_among(feedforward)}"
            raise ConfigError(_sentence(("symmetry", "further", index), further, allowed, _did_you_mean(further, feedforward)))
    for index, memory in enumerate(config["symmetry"]["memories"]):
        if memory not in config["run"]["memories"] or "patterns" not in config["memories"][memory]:
            storing = [one for one in config["run"]["memories"] if "patterns" in config["memories"][one]]
            allowed = f"one of run.memories that stores patterns, {_among(storing)}"
            raise ConfigError(_sentence(("symmetry", "memories", index), memory, allowed, _did_you_mean(memory, storing)))
    ordering = config["ordering"]
    if ordering["batch_size"] > ordering["images"]:
        raise ConfigError(
            f"ordering.batch_size is {ordering['batch_size']}; allowed: at most as many as ordering.images, which are {ordering['images']}"
        )


def _check_threat_models(config):
    """Budgets of the norm's own kind."""
    for name, attack in config["attacks"].items():
        for index, budget in enumerate(attack["budgets"]):
            if attack["norm"] == "linf" and budget > 1:
                allowed = "a number above 0 and at most 1, a share of full scale, since the norm is linf"
                raise ConfigError(_sentence(("attacks", name, "budgets", index), budget, allowed))


def _check_adversarial(config):
    compared = config["adversarial"]
    for kind in ("networks", "memories", "controls", "attacks", "ensembles"):
        _check_defined(config, ("adversarial", kind), compared[kind], kind)
    _check_defined(config, ("adversarial", "few", "attacks"), compared["few"]["attacks"], "attacks")
    for index, name in enumerate(config["run"]["attacks"]):
        if config["attacks"][name]["knowledge"] == "none":
            raise ConfigError(_sentence(("run", "attacks", index), name, "attacks on a network; noise belongs to adversarial.attacks"))
    for index, name in enumerate(compared["few"]["attacks"]):
        if name in (*config["run"]["attacks"], *compared["attacks"]):
            allowed = "attacks that are neither in run.attacks nor in adversarial.attacks, which have more images"
            raise ConfigError(_sentence(("adversarial", "few", "attacks", index), name, allowed))
    made = [name for name in (*config["run"]["attacks"], *compared["attacks"]) if config["attacks"][name]["knowledge"] != "none"]
    for index, name in enumerate(compared["transferred"]):
        if name not in made:
            allowed = f"an attack on networks of run.attacks or adversarial.attacks, {_among(made)}"
            raise ConfigError(_sentence(("adversarial", "transferred", index), name, allowed, _did_you_mean(name, made)))
    if compared["ensemble_attack"] not in compared["transferred"]:
        allowed = f"one of adversarial.transferred, {_among(compared['transferred'])}"
        raise ConfigError(_sentence(("adversarial", "ensemble_attack"), compared["ensemble_attack"], allowed))
    answering = [name for name in (*config["run"]["networks"], *compared["networks"]) if config["networks"][name]["labels"] == "given"]
    if not answering:
        raise ConfigError("run.networks holds networks of random labels only; allowed: at least one network whose labels are given")
    if not any((config["attacks"][name]["method"], config["attacks"][name]["norm"]) == ("pgd", "linf") for name in made):
        raise ConfigError("run.attacks holds no attack of the method pgd and the norm linf; allowed: at least one, which the checks of attacks probe")
    shown = config["attacks"][config["paper_experiment"]["attack"]]
    noises = [config["attacks"][name] for name in compared["attacks"] if config["attacks"][name]["knowledge"] == "none"]
    if not any(noise["norm"] == shown["norm"] and set(shown["budgets"]) <= set(noise["budgets"]) for noise in noises):
        budgets = f"the norm {shown['norm']} and the budgets {_among(shown['budgets'])}"
        raise ConfigError(f"adversarial.attacks holds no noise of {budgets}; allowed: lists with the control of paper_experiment.attack")
    for knowledge in ("scores", "labels"):
        if not any(config["attacks"][name]["knowledge"] == knowledge for name in (*made, *compared["few"]["attacks"])):
            raise ConfigError(
                f"adversarial.few.attacks holds no attack that sees {knowledge} only; allowed: lists with at least one, since without it masked "
                "gradients go unnoticed"
            )
    _check_ensembles(config)


def _check_ensembles(config):
    """Members have gradients and are trained; no ensemble has a model's name, since their images share a folder."""
    compared = config["adversarial"]
    trained = {*config["run"]["networks"], *compared["networks"], *config["run"]["memories"], *compared["memories"]}
    for name in compared["ensembles"]:
        if any(name in config[kind] for kind in ("networks", "memories", "controls")):
            raise ConfigError(f"ensembles.{name} has the name of a model; allowed: a name that is in neither networks nor memories nor controls")
        for key, models in config["ensembles"][name].items():
            for index, model in enumerate(models):
                path = ("ensembles", name, key, index)
                rule = config["memories"].get(model, {}).get("rule", "dense")
                if key == "members" and (rule not in ("dense", "trained_dense") or model in config["controls"]):
                    what = f"memory of the rule {rule}" if model in config["memories"] else "control"
                    allowed = "models with gradients, networks and memories of the rules dense and trained_dense"
                    raise ConfigError(f"{_dotted(path)} is {_show(model)}, a {what}, which has no gradients; allowed: {allowed}")
                known = trained if key == "members" else {*config["networks"], *config["memories"], *config["controls"]}
                if model not in known:
                    allowed = "a model that run or adversarial names" if key == "members" else "a model that networks, memories or controls define"
                    raise ConfigError(_sentence(path, model, allowed, _did_you_mean(model, sorted(known))))


def _check_defined(config, path, names, kind):
    for index, name in enumerate(names):
        if name not in config[kind]:
            allowed = f"what {kind} defines, {_among(config[kind])}"
            raise ConfigError(_sentence((*path, index), name, allowed, _did_you_mean(name, config[kind])))


def _check_binary_attacks(config):
    section, top = config["binary_attacks"], "binary_attacks"
    trained = {kind: _trained(config, kind) for kind in ("networks", "memories")}
    storing = [name for name in config["memories"] if "patterns" in config["memories"][name]]
    recalling = [name for name in storing if name in trained["memories"] or config["memories"][name]["rule"] == "dense"]
    known = [*trained["networks"], *dict.fromkeys([*trained["memories"], *recalling]), *config["adversarial"]["controls"], *section["models"]]
    for name, definition in section["models"].items():
        for kind in ("networks", "memories", "controls"):
            if name in config[kind]:
                raise ConfigError(f"{top}.models.{name} has the name of a model in {kind}; allowed: a name that is not in {kind}")
        if name not in section["run"]["models"]:
            continue
        features = definition["kind"] == "features"
        for key, allowed in (("memory", storing if features else recalling), ("network", trained["networks"])):
            if key in definition and definition[key] not in allowed:
                raise ConfigError(_sentence((top, "models", name, key), definition[key], _among(allowed), _did_you_mean(definition[key], allowed)))
        if features and config["networks"][definition["network"]]["architecture"] != "mlp":
            allowed = "a network of architecture mlp, whose last hidden layer is the features"
            raise ConfigError(_sentence((top, "models", name, "network"), definition["network"], allowed))
    trained_ones = "a network or memory that this run trains, a memory of rule dense, a control, or what binary_attacks.models defines"
    choices = {"attacks": (list(section["attacks"]), _among(section["attacks"])), "models": (known, trained_ones)}
    for key, (names, allowed) in choices.items():
        for index, name in enumerate(section["run"][key]):
            if name not in names:
                raise ConfigError(_sentence((top, "run", key, index), name, allowed, _did_you_mean(name, names)))
    if section["network"] not in section["run"]["models"] or section["network"] not in config["networks"]:
        allowed = [name for name in section["run"]["models"] if name in config["networks"]]
        raise ConfigError(_sentence((top, "network"), section["network"], f"a network of {top}.run.models, {_among(allowed)}"))
    _check_flips(config)


def _check_flips(config):
    """Budgets ascend, random flips cover all attacked images, and models without gradients have stand-ins."""
    section, top = config["binary_attacks"], "binary_attacks"
    if section["budgets"] != sorted(section["budgets"]):
        raise ConfigError(f"{top}.budgets is {_among(section['budgets'])}; allowed: numbers of flipped bits in ascending order")
    smooth = [name for name in section["run"]["models"] if not _has_gradients(config, name)]
    for name in section["run"]["attacks"]:
        definition = section["attacks"][name]
        if definition["images"] > section["random_images"]:
            allowed = f"at most {section['random_images']}, {top}.random_images, since every attack is compared with random flips"
            raise ConfigError(_sentence((top, "attacks", name, "images"), definition["images"], allowed))
        if definition.get("surrogates", True) is None and smooth:
            raise ConfigError(
                f"{top}.attacks.{name}.surrogates is null, but {smooth[0]} of {top}.run.models has no gradients; "
                "allowed: a mapping with the keys steps, steepness"
            )


def _has_gradients(config, name):
    """Whether the model that a section's name stands for can be differentiated: no recall is part of it."""
    stored = config["memories"].get(name, {})
    composed = config["binary_attacks"]["models"].get(name, {})
    return "patterns" not in stored and composed.get("kind") != "memory_network" and composed.get("head") != "recall"


def _trained(config, kind):
    """Names of the networks or memories that this run trains."""
    return list(dict.fromkeys([*config["run"][kind], *config["adversarial"][kind]]))


def _check_pattern_space(config):
    section, largest = config["pattern_space"], config["pattern_space"]["largest"]
    shown = section["shown"]
    for path, radii in ((("shown_radii",), section["shown_radii"]), (("shown", "distances"), shown["distances"])):
        for index, radius in enumerate(radii):
            if radius > section["radius"]:
                raise ConfigError(_sentence(("pattern_space", *path, index), radius, f"at most pattern_space.radius, which is {section['radius']}"))
    chosen, models = config["run"]["networks"] + config["run"]["memories"], [*config["networks"], *config["memories"]]
    for path, names, known in (
        (("counted",), section["counted"], section["digits"]),
        (("models",), section["models"], chosen),
        (("exhaustive",), section["exhaustive"], config["networks"]),
        (("rare", "models"), section["rare"]["models"], models),
        (("shown", "digits"), [shown["digits"]], section["counted"]),
        (("shown", "network"), [shown["network"]], config["run"]["networks"]),
        (("shown", "memory"), [shown["memory"]], [name for name in config["run"]["memories"] if "patterns" in config["memories"].get(name, ())]),
        (("shown", "network"), [shown["network"]], section["digits"].get(shown["digits"], {}).get("networks", [])),
        (("shown", "basins"), [shown["basins"]], section["digits"].get(shown["digits"], {}).get("rules", [])),
        (("coverage", "digits"), [section["coverage"]["digits"]], [name for name, digits in section["digits"].items() if digits["networks"]]),
    ):
        for index, name in enumerate(names):
            if name not in known:
                raise ConfigError(_sentence(("pattern_space", *path, index), name, _among(known), _did_you_mean(name, list(known))))
    for name, digits in section["digits"].items():
        path, pixels = ("pattern_space", "digits", name), math.prod(digits["shape"])
        if pixels > largest:
            takes = f"{20 * 2**pixels / 2**30:,.0f} GiB of memory a model" if pixels < 60 else "more memory than there is"
            raise ConfigError(
                f"{_dotted((*path, 'shape'))} makes {pixels} pixels; allowed: at most pattern_space.largest, which is {largest}; to visit 2^{pixels} "
                f"patterns takes {takes}"
            )
        for index, radius in enumerate(section["radii"]):
            if radius > pixels:
                raise ConfigError(_sentence(("pattern_space", "radii", index), radius, f"at most the {pixels} pixels of {_dotted(path)}"))
        if not digits["networks"] and not digits["rules"]:
            raise ConfigError(f"{_dotted(path)} names neither networks nor rules; allowed: one of either at least")
        for key, known in (("networks", config["networks"]), ("rules", config["capacity"]["rules"])):
            for index, chosen in enumerate(digits[key]):
                if chosen not in known:
                    allowed = f"what {'networks' if key == 'networks' else 'capacity.rules'} defines, {_among(known)}"
                    raise ConfigError(_sentence((*path, key, index), chosen, allowed, _did_you_mean(chosen, known)))
        for index, chosen in enumerate(digits["networks"]):
            if config["networks"][chosen]["input"] != "binary":
                raise ConfigError(_sentence((*path, "networks", index), chosen, "a network whose input is binary"))


def _check_choice(config, path, kind):
    """The name at ``path`` (section, key), which must be one of those that ``run`` lists for its kind."""
    section, key = path
    name, chosen = config[section][key], config["run"][kind]
    if name not in chosen:
        raise ConfigError(_sentence(path, name, f"one of run.{kind}, {_among(chosen)}", _did_you_mean(name, chosen)))
    return name


# --- what the schema says -----------------------------------------------------------------------------------------------------------------------


def _is_integer(_, value):
    # JSON Schema takes 5.0 for an integer; range() does not.
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(_, value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


_Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many({"integer": _is_integer, "number": _is_number}),
)


def _check_against_schema(value, name, whole):
    if not isinstance(value, dict):
        raise ConfigError(f"{whole} is {_show(value)}; allowed: a mapping with the keys {_among(load_schema(name)['properties'])}")
    _check_plain(value, ())
    # In the order of the schemas, which name additionalProperties before required: a misspelt key is also a missing one, and is shown as misspelt.
    error = next(_Validator(load_schema(name)).iter_errors(value), None)
    if error is not None:
        raise ConfigError(next(_faults(error)))


def _check_plain(value, path):
    """Refuse what jsonschema stumbles over: keys that are not text, values that are not plain, nesting without end."""
    if len(path) > _DEEPEST:
        raise ConfigError(f"{_dotted(path[:4])} is nested more than {_DEEPEST} levels deep; allowed: the levels that config.yaml shows")
    if isinstance(value, dict):
        for key, item in value.items():
            if not (isinstance(key, str) and key.isprintable()):
                where = f" in {_dotted(path)}" if path else ""
                raise ConfigError(
                    f"the key {_show(key)}{where} is not a name; allowed: text on one line, in quotes where YAML takes it for something else"
                )
            _check_plain(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_plain(item, (*path, index))
    elif isinstance(value, int) and abs(value) >= _LARGEST:
        # Python itself refuses to print integers of thousands of digits.
        raise ConfigError(_sentence(path, value, "integers of at most 20 digits"))
    elif value is not None and not isinstance(value, (str, int, float)):
        raise ConfigError(
            _sentence(path, value, "text, in quotes where YAML takes it for something else, numbers, true, false, null, lists, mappings")
        )


def _faults(error):
    """Turn an error of jsonschema into sentences, one for each fault that it stands for."""
    path, found, schema = tuple(error.absolute_path), error.instance, error.schema
    if error.validator == "oneOf":
        yield from _faults_of_kind(error)
    elif error.validator == "additionalProperties":
        yield from (_unknown_key(path, key, schema) for key in found if not _is_known(key, schema))
    elif error.validator == "required":
        missing = next(key for key in schema["required"] if key not in found)
        yield f"{_dotted((*path, missing))} is missing; allowed: {_allowed(schema['properties'][missing])}"
    elif error.validator == "uniqueItems":
        index = next(index for index, item in enumerate(found) if item in found[:index])
        yield f"{_dotted((*path, index))} is {_show(found[index])} again; allowed: {_allowed(schema)}"
    else:
        yield _sentence(path, found, _allowed(schema), _how_to_write(found, schema))


def _faults_of_kind(error):
    """Faults of a definition of several kinds, such as rules, against the kind that it says it is, not against all."""
    path, found, kinds = tuple(error.absolute_path), error.instance, error.validator_value
    key = _distinguishing_key(kinds[0])
    names = [kind["properties"][key]["const"] for kind in kinds]
    if not isinstance(found, dict):
        yield _sentence(path, found, f"a mapping with the key {key}, which is {_among(names)}")
    elif key not in found:
        misspelt = difflib.get_close_matches(key, found, n=1)
        hint = f"; is it misspelt as {_show(misspelt[0])}?" if misspelt else ""
        yield f"{_dotted((*path, key))} is missing; allowed: {_among(names)}{hint}"
    elif found[key] not in names:
        yield _sentence((*path, key), found[key], _among(names))
    else:
        chosen = names.index(found[key])
        for part in error.context:
            if part.relative_schema_path[0] == chosen:
                yield from _faults(part)


def _distinguishing_key(kind):
    return next(key for key, schema in kind["properties"].items() if "const" in schema)


def _is_known(key, schema):
    return key in schema.get("properties", ()) or any(re.search(pattern, key) for pattern in schema.get("patternProperties", ()))


def _unknown_key(path, key, schema):
    if "patternProperties" in schema:
        return f"{_dotted((*path, key))} is not a possible name; allowed: {schema['propertyNames']['description']}"
    return f"{_dotted((*path, key))} is not a known key; allowed: {_among(schema['properties'])}{_did_you_mean(key, schema['properties'])}"


# --- words --------------------------------------------------------------------------------------------------------------------------------------


def _sentence(path, found, allowed, hint=""):
    return f"{_dotted(path)} is {_show(found)}; allowed: {allowed}{hint}"


def _dotted(path):
    """``("run", "memories", 2)`` as ``run.memories[2]``."""
    words = (f".{key}" if isinstance(key, str) and re.fullmatch(r"\w{1,60}", key) else f"[{_show(key)}]" for key in path)
    return "".join(words).removeprefix(".")


def _show(value):
    """A value as YAML would have it, on one line and never long."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    if isinstance(value, int):
        return str(value) if abs(value) < _LARGEST else "an integer of more than 20 digits"
    if isinstance(value, float):
        return str(value) if math.isfinite(value) else f"{value}, which is no finite number"
    if isinstance(value, list):
        return "an empty list" if not value else f"a list of length {len(value)}"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    return f"a {type(value).__name__}"


def _among(names):
    return ", ".join("null" if name is None else str(name) for name in names)


def _did_you_mean(found, names):
    near = difflib.get_close_matches(found[:60].lower(), names, n=1) if isinstance(found, str) else []
    return f"; did you mean {_show(near[0])}?" if near else ""


def _how_to_write(found, schema):
    """A hint where a number that would be allowed came as text."""
    try:
        number = Decimal(found.strip()) if isinstance(found, str) else None
    except InvalidOperation:
        return ""
    if number is None or not number.is_finite() or abs(number.adjusted()) > 30:
        return ""
    number = number.normalize()
    if not _Validator(schema).is_valid(int(number) if number == number.to_integral_value() else float(number)):
        return ""
    if "e" in found.lower():
        return f"; write {number:f} instead of {found.strip()}, which YAML reads as text"
    return f"; write {number:f} without quotes"


_TYPES = {"integer": "an integer", "number": "a number", "string": "text", "boolean": "true or false", "null": "null", "object": "a mapping"}


def _allowed(schema):
    """What a schema allows, in words: ``a number above 0 and at most 1``."""
    if "const" in schema or "enum" in schema:
        return _among(schema.get("enum") or [schema["const"]])
    if "oneOf" in schema:
        return "a mapping"
    if schema["type"] == "array":
        return _allowed_list(schema)
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    words = " or ".join(_TYPES[kind] for kind in types)
    if "multipleOf" in schema:
        words = words.replace("an integer", f"a multiple of {schema['multipleOf']}")
    if "minLength" in schema:
        words = words.replace("text", "text that is not empty")
    if "pattern" in schema:
        words += f" matching {schema['pattern']}"
    if "minProperties" in schema:
        words += " that is not empty"
    return words + _range(schema)


def _range(schema):
    if "minimum" in schema and "maximum" in schema:
        return f" from {schema['minimum']} to {schema['maximum']}"
    words = {"minimum": "of at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}
    limits = [f"{word} {schema[key]}" for key, word in words.items() if key in schema]
    return "".join(" " + limit if index == 0 else " and " + limit for index, limit in enumerate(limits))


def _allowed_list(schema):
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    number = f"{least} to {most}" if most else f"at least {least}"
    once = "different " if schema.get("uniqueItems") else ""
    return f"a list of {number} {once}items, each {_allowed(schema['items'])}"
