"""What the schemas allow, and how what they do not is said: values, keys, names and kinds of definitions."""

import copy
import datetime

import jsonschema
import pytest
import yaml
from refusals import SHIPPED, drop, put, refusal
from running import ROOT

from weightspace.configuration import schema as schemas
from weightspace.configuration.checks import check_config
from weightspace.configuration.schema import load_schema


def memory_rules():
    """Names of the rules that the schema knows, in its order."""
    kinds = load_schema()["properties"]["memories"]["patternProperties"]["^[a-z][a-z0-9_]{0,59}$"]["oneOf"]
    return [kind["properties"]["rule"]["const"] for kind in kinds]


def objects_within(schema, path=""):
    """Every schema below ``schema`` that describes a value, with a path that says where it is."""
    yield path, schema
    for group in ("properties", "patternProperties"):
        for key, part in schema.get(group, {}).items():
            yield from objects_within(part, f"{path}.{key}")
    for index, part in enumerate(schema.get("oneOf", [])):
        yield from objects_within(part, f"{path}({index})")
    if schema.get("items", {}).get("type") == "object":
        yield from objects_within(schema["items"], path)


# Of networks: without `images` a network learns all of them, without `adversary` as they are, and one whose `weights`
# are given learns nothing.
OPTIONAL = {"images", "weights", "adversary", "optimiser", "learning_rate", "batch_size", "epochs", "labels"}


@pytest.mark.parametrize("name", ["config", "claims"])
def test_every_key_is_described_and_no_object_is_open(name):
    written = yaml.safe_load((ROOT / f"workflow/schemas/{name}.schema.yaml").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(written)
    assert written["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for path, schema in objects_within(load_schema(name)):
        assert len(schema["description"]) > 15, path
        assert "$ref" not in schema, path
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False, path
            optional = set(schema.get("properties", {})) - set(schema.get("required", [])) - OPTIONAL
            # Which keys of a part or of a rule go together, configuration.claims says; of a work, published.
            elsewhere = [".parts", ".decision"] if name == "claims" else ["published.definitions"]
            assert not optional or any(place in path for place in elsewhere), path


@pytest.mark.parametrize("name", ["config", "claims"])
def test_every_value_has_a_range(name):
    limits = {"string": ["minLength", "pattern"]}
    if name == "config":
        limits |= {"number": ["minimum", "exclusiveMinimum"], "integer": ["minimum"], "array": ["minItems"]}
    found = 0
    for path, schema in objects_within(load_schema(name)):
        assert "patternProperties" not in schema or schema["minProperties"] == 1, path
        if path.endswith(".where.^[a-z][a-z0-9_]{0,59}$"):  # the value of any column
            continue
        for part in (schema, schema.get("items", {})):
            kind = part.get("type", "none")
            for wanted in kind if isinstance(kind, list) else [kind]:
                if wanted in limits:
                    found += 1
                    assert any(limit in part for limit in limits[wanted]), path
    assert found >= 8


def test_schema_is_read_once():
    assert load_schema() is load_schema()
    assert load_schema("claims") is not load_schema()


def test_a_new_rule_is_one_entry(config, monkeypatch):
    schema = copy.deepcopy(load_schema())
    rules = schema["properties"]["memories"]["patternProperties"]["^[a-z][a-z0-9_]{0,59}$"]["oneOf"]
    boltzmann = copy.deepcopy(rules[0])
    boltzmann["properties"]["rule"]["const"] = "boltzmann"
    rules.append(boltzmann)
    config["memories"]["other"] = {"rule": "boltzmann", "patterns": 10}
    monkeypatch.setattr(schemas, "load_schema", lambda name="config": schema)
    check_config(config)
    config["memories"]["other"]["rule"] = "bolzmann"
    assert refusal(check_config, config) == f"memories.other.rule is 'bolzmann'; allowed: {RULES}, boltzmann"


BUDGET = "a number above 0 and at most 256"


COUNT = "an integer from 1 to 1000000"


RULES = ", ".join(memory_rules())


PLAIN = "text, in quotes where YAML takes it for something else, numbers, true, false, null, lists, mappings"


WRONG_VALUES = [
    # path, value, how the message shows it, what it says is allowed
    ("seeds", 1, "1", "an integer from 2 to 1000"),
    ("seeds", 1001, "1001", "an integer from 2 to 1000"),
    ("seeds", 10.0, "10.0", "an integer from 2 to 1000"),
    ("seeds", True, "true", "an integer from 2 to 1000"),
    ("seeds", None, "null", "an integer from 2 to 1000"),
    ("seeds", 10**5000, "an integer of more than 20 digits", "integers of at most 20 digits"),
    ("seeds", -(10**20), "an integer of more than 20 digits", "integers of at most 20 digits"),
    ("seeds", 10**20 - 1, "99999999999999999999", "an integer from 2 to 1000"),
    ("seeds", [10], "a list of length 1", "an integer from 2 to 1000"),
    ("device", "gpu", "'gpu'", "auto, cpu, cuda"),
    ("device", "", "''", "auto, cpu, cuda"),
    ("dataset", None, "null", "a mapping"),
    ("dataset", [], "an empty list", "a mapping"),
    ("dataset.name", 5, "5", "text that is not empty"),
    ("dataset.directory", "", "''", "text that is not empty or null"),
    ("dataset.directory", 7, "7", "text that is not empty or null"),
    ("dataset.threshold", 1, "1", "a number of at least 0 and below 1"),
    ("dataset.threshold", -0.1, "-0.1", "a number of at least 0 and below 1"),
    ("dataset.threshold", False, "false", "a number of at least 0 and below 1"),
    ("networks", {}, "an empty mapping", "a mapping that is not empty"),
    ("networks.tanh_mlp", None, "null", "a mapping with the key architecture, which is mlp, conv, recurrent, function"),
    ("networks.tanh_mlp.architecture", "cnn", "'cnn'", "mlp, conv, recurrent, function"),
    ("networks.tanh_mlp.input", "gray", "'gray'", "binary, grey"),
    ("networks.tanh_mlp.hidden", [], "an empty list", "a list of 1 to 10 items, each an integer from 1 to 100000"),
    (
        "networks.tanh_mlp.hidden",
        [8] * 11,
        "a list of length 11",
        "a list of 1 to 10 items, each an integer from 1 to 100000",
    ),
    ("networks.tanh_mlp.hidden", 128, "128", "a list of 1 to 10 items, each an integer from 1 to 100000"),
    ("networks.tanh_mlp.activation", "Tanh", "'Tanh'", "tanh, relu"),
    ("networks.tanh_mlp.loss", "crossentropy", "'crossentropy'", "rms, mse, cross_entropy"),
    ("networks.tanh_mlp.optimiser", "sdg", "'sdg'", "sgd, adam, rmsprop"),
    ("networks.tanh_mlp.learning_rate", 0, "0", "a number above 0"),
    ("networks.tanh_mlp.learning_rate", -0.5, "-0.5", "a number above 0"),
    ("networks.tanh_mlp.learning_rate", True, "true", "a number above 0"),
    ("networks.tanh_mlp.learning_rate", float("nan"), "nan, which is no finite number", "a number above 0"),
    ("networks.tanh_mlp.learning_rate", float("inf"), "inf, which is no finite number", "a number above 0"),
    ("networks.tanh_mlp.learning_rate", 10**400, "an integer of more than 20 digits", "integers of at most 20 digits"),
    ("networks.tanh_mlp.learning_rate", datetime.date(2026, 1, 1), "a date", PLAIN),
    ("run.memories", {1, 2}, "a set", PLAIN),
    ("networks.tanh_mlp.learning_rate", "fast", "'fast'", "a number above 0"),
    ("networks.tanh_mlp.batch_size", 0, "0", COUNT),
    ("networks.tanh_mlp.epochs", 0, "0", COUNT),
    ("memories.hebbian_40", 40, "40", f"a mapping with the key rule, which is {RULES}"),
    ("memories.hebbian_40.rule", "hopfild", "'hopfild'", RULES),
    ("memories.hebbian_40.rule", "hebb", "'hebb'", RULES),
    ("memories.hebbian_40.rule", ["hebbian"], "a list of length 1", RULES),
    ("memories.hebbian_40.patterns", 0, "0", "an integer of at least 1"),
    ("memories.iterative_40_margin_1.margin", -1, "-1", "a number from 0 to 1000"),
    ("memories.iterative_40_margin_1.margin", 1e300, "1e+300", "a number from 0 to 1000"),
    ("memories.iterative_40_margin_1.flip_share", 0, "0", "a number above 0 and at most 1"),
    ("memories.iterative_40_margin_1.flip_share", 1.5, "1.5", "a number above 0 and at most 1"),
    ("memories.iterative_40_margin_1.passes", 0, "0", COUNT),
    (
        "attacks.pgd.method",
        "pdg",
        "'pdg'",
        "fgsm, pgd, mi_fgsm, deepfool, ddn, apgd, square, towards_images, hop_skip_jump, noise, function",
    ),
    ("attacks.pgd.domain", "binary", "'binary'", "grey"),
    ("attacks.pgd.norm", "l0", "'l0'", "linf, l2"),
    ("attacks.fgsm.norm", "l2", "'l2'", "linf"),
    ("attacks.square.knowledge", "labels", "'labels'", "scores"),
    ("attacks.pgd.budgets", [], "an empty list", f"a list of at least 1 different items, each {BUDGET}"),
    ("attacks.pgd.budgets", 0.1, "0.1", f"a list of at least 1 different items, each {BUDGET}"),
    ("attacks.pgd.steps", 0, "0", COUNT),
    ("attacks.pgd.step_size", 0, "0", "a number above 0 and at most 2"),
    ("attacks.pgd.step_size", 2.5, "2.5", "a number above 0 and at most 2"),
    ("run.networks", [], "an empty list", "at least 1 different names, as a list or each with true or false"),
    ("run.memories", [], "an empty list", "at least 1 different names, as a list or each with true or false"),
    ("run.attacks", [], "an empty list", "at least 1 different names, as a list or each with true or false"),
    ("run.attacks", "fgsm", "'fgsm'", "at least 1 different names, as a list or each with true or false"),
    ("recall.order", "random", "'random'", "sequential"),
    ("recall.sweeps", 0, "0", COUNT),
    ("adversarial.test_images", 0, "0", "an integer from 1 to 10000"),
    ("adversarial.test_images", 10001, "10001", "an integer from 1 to 10000"),
    ("paper_experiment.network", 1, "1", "text that is not empty"),
    ("paper_experiment.budget", 1.5, "1.5", "a number above 0 and at most 1"),
    ("paper_experiment.budget", 0, "0", "a number above 0 and at most 1"),
    ("energy_landscape.steps", 102, "102", "a multiple of 2 from 2 to 100"),
    ("energy_landscape.steps", 5, "5", "a multiple of 2 from 2 to 100"),
    ("gradient_descent_path.snapshots", 2, "2", "an integer from 3 to 1000"),
    ("gradient_descent_path.points", 202, "202", "an integer from 5 to 201"),
    ("gradient_descent_path.images", 60001, "60001", "an integer from 1 to 60000"),
    ("small_network.patterns", 7, "7", "an integer from 1 to 6"),
    ("small_network.patterns", 0, "0", "an integer from 1 to 6"),
    ("small_network.margin", -0.5, "-0.5", "a number from 0 to 1000"),
]


@pytest.mark.parametrize(
    ("path", "value", "shown", "allowed"), WRONG_VALUES, ids=[f"{row[0]}={row[2]}" for row in WRONG_VALUES]
)
def test_wrong_value(config, path, value, shown, allowed):
    put(config, path, value)
    assert refusal(check_config, config) == f"{path} is {shown}; allowed: {allowed}"


@pytest.mark.parametrize(("index", "budget"), [(0, -0.1), (1, 0), (2, 256.5), (0, True)])
def test_budget_out_of_range(config, index, budget):
    put(config, f"attacks.pgd.budgets.{index}", budget)
    shown = "true" if budget is True else budget
    assert refusal(check_config, config) == f"attacks.pgd.budgets[{index}] is {shown}; allowed: {BUDGET}"


def test_width_out_of_range(config):
    put(config, "networks.tanh_mlp.hidden", [128, 100001])
    assert (
        refusal(check_config, config) == "networks.tanh_mlp.hidden[1] is 100001; allowed: an integer from 1 to 100000"
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("networks.tanh_mlp.learning_rate", 5),
        ("networks.tanh_mlp.hidden", list(range(1, 11))),
        ("dataset.threshold", 0),
        ("memories.iterative_40_margin_1.flip_share", 0.001),
        ("attacks.fgsm.budgets", [1]),
        ("attacks.pgd.step_size", 2),
        ("seeds", 2),
        ("dataset.name", "kmnist"),
    ],
)
def test_values_at_the_ends_of_their_ranges_pass(config, path, value):
    put(config, path, value)
    check_config(config)


@pytest.mark.parametrize(
    ("path", "text", "hint"),
    [
        ("networks.tanh_mlp.learning_rate", "1e-3", "; write 0.001 instead of 1e-3, which YAML reads as text"),
        ("networks.tanh_mlp.learning_rate", "5E-05", "; write 0.00005 instead of 5E-05, which YAML reads as text"),
        ("networks.tanh_mlp.epochs", "1e3", "; write 1000 instead of 1e3, which YAML reads as text"),
        ("networks.tanh_mlp.epochs", "5", "; write 5 without quotes"),
        # No advice that would be refused in its turn, or that would not fit on the line.
        ("networks.tanh_mlp.epochs", "1e-3", ""),
        ("networks.tanh_mlp.learning_rate", "-1e-3", ""),
        ("networks.tanh_mlp.learning_rate", "1e999999999", ""),
        ("networks.tanh_mlp.learning_rate", "nan", ""),
    ],
)
def test_number_that_yaml_reads_as_text(config, path, text, hint):
    put(config, path, text)
    allowed = COUNT if path.endswith("epochs") else "a number above 0"
    assert refusal(check_config, config) == f"{path} is '{text}'; allowed: {allowed}{hint}"


def test_yaml_does_read_1e_3_as_text():
    assert yaml.safe_load("1e-3") == "1e-3"


def test_hint_reaches_into_lists(config):
    put(config, "attacks.fgsm.budgets", [0.1, "1e-2"])
    assert (
        refusal(check_config, config)
        == f"attacks.fgsm.budgets[1] is '1e-2'; allowed: {BUDGET}; write 0.01 instead of 1e-2, which YAML reads as text"
    )


def test_long_text_is_cut_and_stays_on_one_line(config):
    put(config, "device", "cuda\n" * 1000)
    assert refusal(check_config, config).endswith("...'; allowed: auto, cpu, cuda")


def test_repeated_items(config):
    put(config, "attacks.fgsm.budgets", [0.1, 0.2, 0.1])
    assert (
        refusal(check_config, config)
        == f"attacks.fgsm.budgets[2] is 0.1 again; allowed: a list of at least 1 different items, each {BUDGET}"
    )
    put(config, "attacks.fgsm.budgets", [0.1])
    put(config, "run.memories", ["hebbian_40", "hebbian_40"])
    assert refusal(check_config, config).startswith(
        "run.memories[1] is 'hebbian_40' again; allowed: at least 1 different names"
    )


@pytest.mark.parametrize("key", list(SHIPPED))
def test_missing_section(config, key):
    drop(config, key)
    assert refusal(check_config, config).startswith(f"{key} is missing; allowed: ")


NAMED_BY_USERS = [
    ("networks",),
    ("memories",),
    ("controls",),
    ("attacks",),
    ("ensembles",),
    ("capacity", "rules"),
    ("pattern_space", "digits"),
]


NAMED_BY_USERS += [("binary_attacks", "models"), ("binary_attacks", "attacks")]


def every_required_key(tree, path=()):
    """Paths of all keys but those that users name themselves."""
    for key, value in tree.items():
        if path[:2] == ("published", "definitions"):  # `configuration.published.check_works` asks for these
            continue
        if path not in NAMED_BY_USERS and not (path[:1] == ("networks",) and key in OPTIONAL):
            yield (*path, key)
        if isinstance(value, dict):
            yield from every_required_key(value, (*path, key))


@pytest.mark.parametrize("path", list(every_required_key(SHIPPED)), ids=".".join)
def test_each_key_is_required_and_cannot_be_misspelt(config, path):
    value = config
    for key in path:
        value = value[key]
    drop(config, path)
    assert refusal(check_config, config).startswith(f"{'.'.join(path)} is missing; allowed: ")
    misspelt = path[-1] + "x"
    put(config, (*path[:-1], misspelt), value)
    message = refusal(check_config, config)
    if path[-1] in ("architecture", "rule", "control", "method", "kind"):
        assert message.startswith(f"{'.'.join(path)} is missing")
        assert message.endswith(f"; is it misspelt as '{misspelt}'?")
    else:
        assert message.startswith(f"{'.'.join((*path[:-1], misspelt))} is not a known key; allowed: ")
        assert message.endswith(f"; did you mean '{path[-1]}'?")


def test_missing_key_says_what_it_would_be(config):
    drop(config, "networks.tanh_mlp.learning_rate")
    assert refusal(check_config, config) == "networks.tanh_mlp.learning_rate is missing; allowed: a number above 0"


def test_unknown_key_names_the_nearest(config):
    put(config, "networks.tanh_mlp.learnign_rate", config["networks"]["tanh_mlp"].pop("learning_rate"))
    assert (
        refusal(check_config, config)
        == "networks.tanh_mlp.learnign_rate is not a known key; allowed: architecture, input, hidden, activation, loss,"
        " optimiser, learning_rate, batch_size, epochs, labels, images, weights, adversary;"
        " did you mean 'learning_rate'?"
    )


def test_unknown_key_unlike_any(config):
    put(config, "recall.zzz", 1)
    assert refusal(check_config, config) == "recall.zzz is not a known key; allowed: order, sweeps"


def test_definition_is_held_against_its_own_rule_only(config):
    put(config, "memories.iterative_40_margin_1.marign", config["memories"]["iterative_40_margin_1"].pop("margin"))
    assert (
        refusal(check_config, config)
        == "memories.iterative_40_margin_1.marign is not a known key; allowed: rule, patterns, margin, flip_share,"
        " passes; did you mean 'margin'?"
    )
    drop(config, "memories.iterative_40_margin_1.marign")
    assert (
        refusal(check_config, config)
        == "memories.iterative_40_margin_1.margin is missing; allowed: a number from 0 to 1000"
    )
    put(config, "memories.iterative_40_margin_1.rule", "hebbian")
    assert (
        refusal(check_config, config)
        == "memories.iterative_40_margin_1.flip_share is not a known key; allowed: rule, patterns"
    )


@pytest.mark.parametrize("kind", ["networks", "memories", "attacks"])
@pytest.mark.parametrize("name", ["Upper", "with-dash", "1st", "", "with space", "../up", "a" * 61])
def test_impossible_name(config, kind, name):
    config[kind][name] = next(iter(config[kind].values()))
    message = refusal(check_config, config)
    assert message.startswith(f"{kind}")
    assert message.endswith(
        " is not a possible name; allowed: at most 60 lower-case letters, digits and underscores, a letter first"
    )
    assert name[:57] in message


@pytest.mark.parametrize(
    ("key", "shown"),
    [(1, "1"), (True, "true"), (None, "null"), ("two\nlines", r"'two\nlines'"), ("name\n", r"'name\n'")],
)
def test_key_that_is_not_text(config, key, shown):
    config["networks"][key] = config["networks"]["tanh_mlp"]
    assert refusal(check_config, config).startswith(
        f"the key {shown} in networks is not a name; allowed: text on one line"
    )


def test_key_that_is_not_text_at_the_top(config):
    config[0] = 1
    assert refusal(check_config, config).startswith("the key 0 is not a name; allowed: ")


def test_value_that_contains_itself(config):
    endless = []
    endless.append(endless)
    put(config, "attacks.pgd.budgets", endless)
    assert refusal(check_config, config).startswith(
        "attacks.pgd.budgets[0] is nested more than 12 levels deep; allowed: "
    )


@pytest.mark.parametrize(("whole", "shown"), [(None, "null"), ([], "an empty list"), ("text", "'text'"), (3, "3")])
def test_configuration_that_is_no_mapping(whole, shown):
    assert refusal(check_config, whole).startswith(
        f"the configuration is {shown}; allowed: a mapping with the keys seeds, instruction_set, device, dataset, "
    )


def test_empty_configuration():
    assert refusal(check_config, {}).startswith("seeds is missing; allowed: an integer from 2 to 1000")


DENSE = {"rule": "dense", "patterns": 40, "energy": "polynomial", "exponent": 20}


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({"exponent": 1}, "exponent is 1; allowed: an integer or null from 2 to 100"),
        ({"exponent": 2.5}, "exponent is 2.5; allowed: an integer or null from 2 to 100"),
        ({"exponent": None}, "exponent is null; allowed: an integer from 2 to 100"),
        ({"energy": "exponential"}, "exponent is 20; allowed: null"),
        ({"energy": "quartic"}, "energy is 'quartic'; allowed: polynomial, exponential"),
    ],
)
def test_exponent_and_energy_must_agree(config, changes, allowed):
    put(config, "memories.other", DENSE)
    check_config(config)
    put(config, "memories.other", {**DENSE, **changes})
    assert refusal(check_config, config) == f"memories.other.{allowed}"


def test_exponential_energy_has_no_exponent(config):
    put(config, "memories.other", {**DENSE, "energy": "exponential", "exponent": None})
    check_config(config)
