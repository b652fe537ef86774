"""Checks of config.yaml and claims.yaml: what is shipped passes, and each fault gives one sentence that names the
key.
"""

import copy
import dataclasses
import datetime
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from weightspace.configuration import schema as schemas
from weightspace.configuration.checks import check_claims, check_config
from weightspace.configuration.choices import load_configuration
from weightspace.configuration.messages import ConfigError
from weightspace.configuration.schema import load_schema
from weightspace.data.datasets import DATASETS

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = load_configuration()
MNIST = DATASETS["mnist"]
IDX_FILES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
CLAIMS = """
claims:
  C1:
    section: II.A.2
    claim: after iterative learning each stored pattern is lowest in energy in its Hamming neighbourhood
    parts:
      - id: C1
        statistic: share of stored patterns that are strict minima
        unit: share
        table: stability
        where: {memory: iterative_40_margin_1, flips: 2, certified: true}
        decision: {kind: above, reference: 0.9, margin: 0.05}
    decided_by: all single and all double flips, exactly
  C3:
    section: II.B.2
    claim: the iterative memory misclassified 0.7 of 40 adversarial images
    parts:
      - {id: C3a, statistic: rate, unit: share, table: rates, column: estimate, where: {p: 40}, decision: {kind: within, low: 0.53, high: 0.83}}
      - {id: C3b, statistic: rate, unit: share, table: paper_experiment, where: {p: 40}, decision: {kind: below, reference: 0, margin: 0}}
    decided_by: whether the rate agrees
  C4: {section: abstract, claim: attacks are less successful, parts: [], decided_by: the same budgets}
"""


@pytest.fixture
def config():
    return copy.deepcopy(SHIPPED)


@pytest.fixture
def claims():
    return yaml.safe_load(CLAIMS)


def memory_rules():
    """Names of the rules that the schema knows, in its order."""
    kinds = load_schema()["properties"]["memories"]["patternProperties"]["^[a-z][a-z0-9_]{0,59}$"]["oneOf"]
    return [kind["properties"]["rule"]["const"] for kind in kinds]


def keys_of(path):
    return [int(key) if key.isdigit() else key for key in path.split(".")] if isinstance(path, str) else list(path)


def put(tree, path, value):
    """Set the value at a dotted path; lists are entered by number."""
    *parents, last = keys_of(path)
    for key in parents:
        tree = tree[key]
    tree[last] = value


def drop(tree, path):
    *parents, last = keys_of(path)
    for key in parents:
        tree = tree[key]
    del tree[last]


def refusal(check, *arguments):
    """The message with which ``check`` refuses, after making sure that it is one sentence on one short line."""
    with pytest.raises(ConfigError) as caught:
        check(*arguments)
    message = str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert message.isprintable()
    assert len(message) < 450
    assert message.count("allowed: ") == 1
    return message


# --- what is shipped
# ---------------------------------------------------------------------------------------


def test_shipped_config_passes_and_is_left_as_it_was(config):
    check_config(config)
    assert config == SHIPPED


@pytest.mark.parametrize("path", ["config/full.yaml", "tests/config.yaml"])
def test_shipped_overrides_pass(path):
    check_config(load_configuration(ROOT / path))


def test_shipped_claims_pass():
    check_claims(yaml.safe_load((ROOT / "workflow/claims.yaml").read_text(encoding="utf-8")))


def test_import_is_light():
    code = (
        "import sys, weightspace.configuration.checks; print([name for name in ('numpy', 'pandas', 'torch', 'scipy') if"
        " name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow/scripts")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- the schemas themselves
# ---------------------------------------------------------------------------------------


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
            optional = {"column"} if path.endswith("parts") else set()
            assert set(schema.get("properties", {})) - set(schema.get("required", [])) <= optional, path


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


def test_a_new_dataset_is_one_entry(config, monkeypatch):
    monkeypatch.setitem(DATASETS, "letters", dataclasses.replace(MNIST, train_size=50000, test_size=8000))
    put(config, "dataset.name", "letters")
    check_config(config)
    put(config, "memories.hebbian_40.patterns", 50001)
    assert (
        refusal(check_config, config)
        == "memories.hebbian_40.patterns is 50001; allowed: at most 50000, the number of training images of letters"
    )


# --- single values
# ---------------------------------------------------------------------------------------

BUDGET = "a number above 0 and at most 28"
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
        "fgsm, pgd, mi_fgsm, deepfool, ddn, apgd, square, hop_skip_jump, noise, function",
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


@pytest.mark.parametrize(("index", "budget"), [(0, -0.1), (1, 0), (2, 28.5), (0, True)])
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


# --- keys
# ---------------------------------------------------------------------------------------


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
        if path not in NAMED_BY_USERS:
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
        " optimiser, learning_rate, batch_size, epochs, labels; did you mean 'learning_rate'?"
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
        f"the configuration is {shown}; allowed: a mapping with the keys seeds, device, dataset, "
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


# --- how keys must agree
# ---------------------------------------------------------------------------------------


def test_unknown_dataset(config):
    put(config, "dataset.name", "fashion")
    message = refusal(check_config, config)
    assert message.startswith("dataset.name is 'fashion'; allowed: ")
    assert message.endswith("; did you mean 'fashion_mnist'?")
    assert all(name in message for name in ("mnist", "fashion_mnist", "kmnist"))


def test_more_patterns_than_training_images(config):
    # Also where the memory is defined but not run: what is written down must make sense.
    put(config, "memories.not_run", {"rule": "hebbian", "patterns": 60001})
    assert (
        refusal(check_config, config)
        == "memories.not_run.patterns is 60001; allowed: at most 60000, the number of training images of mnist"
    )
    put(config, "memories.not_run.patterns", 60000)
    check_config(config)


def test_more_images_than_the_dataset_has(config, monkeypatch):
    patterns = max(
        *(definition.get("patterns", 0) for part in ("memories", "controls") for definition in config[part].values()),
        *config["capacity"]["images"],
    )
    tested = max(config["adversarial"]["test_images"], config["recall_dynamics"]["images"])
    put(config, "adversarial.test_images", tested)
    put(config, "ordering.images", patterns)
    monkeypatch.setitem(DATASETS, "small", dataclasses.replace(MNIST, train_size=patterns, test_size=tested))
    put(config, "dataset.name", "small")
    put(config, "gradient_descent_path.images", patterns + 1)
    assert (
        refusal(check_config, config)
        == f"gradient_descent_path.images is {patterns + 1}; allowed: at most {patterns}, the number of training images"
        " of small"
    )
    put(config, "gradient_descent_path.images", patterns)
    check_config(config)
    put(config, "adversarial.test_images", tested + 1)
    assert (
        refusal(check_config, config)
        == f"adversarial.test_images is {tested + 1}; allowed: at most {tested}, the number of test images of small"
    )


def test_capacity_of_a_rule_that_is_not_defined_or_not_whole(config):
    put(config, "capacity.run", ["hebbian", "storkye"])
    assert refusal(check_config, config).startswith(
        "capacity.run names 'storkye'; allowed: what capacity.rules defines, hebbian, "
    )
    put(config, "capacity.run", ["hebbian"])
    put(config, "capacity.rules.hebbian", {"rule": "hebbian", "patterns": 40})
    assert refusal(check_config, config) == "capacity.rules.hebbian.patterns is not a known key; allowed: rule"
    put(config, "capacity.rules.hebbian", {"rule": "trained_dense"})
    assert refusal(check_config, config).startswith(
        "capacity.rules.hebbian.rule is 'trained_dense'; allowed: hebbian, "
    )


def test_more_stored_images_than_there_are(config):
    put(config, "capacity.images", [10, 60001])
    assert refusal(check_config, config).startswith("capacity.images[1] is 60001; allowed: ")


def test_small_memories_with_too_many_pixels(config):
    put(config, "attractors.digits", [5, 5])
    assert (
        refusal(check_config, config)
        == "attractors.digits makes 25 pixels; allowed: at most 20, since all states of so many neurons are followed"
    )


@pytest.mark.parametrize("kind", ["networks", "memories", "attacks"])
def test_run_names_what_is_not_defined(config, kind):
    names = list(config[kind])
    put(config, f"run.{kind}", [names[0], names[1] + "x"])
    assert (
        refusal(check_config, config)
        == f"run.{kind} names '{names[1]}x'; allowed: what {kind} defines, {', '.join(names)}; did you mean"
        f" '{names[1]}'?"
    )


def test_network_and_memory_of_one_name(config):
    put(config, "memories.tanh_mlp", {"rule": "hebbian", "patterns": 10})
    assert (
        refusal(check_config, config)
        == "memories.tanh_mlp has the name of a network; allowed: a name that is not in networks, since models share"
        " the folder results/models"
    )


@pytest.mark.parametrize(("kind", "what"), [("networks", "network"), ("memories", "memory")])
def test_control_of_the_name_of_another_model(config, kind, what):
    name = config["run"][kind][0]
    put(config, f"controls.{name}", {"control": "nearest_neighbour", "patterns": 10})
    assert refusal(check_config, config).startswith(
        f"controls.{name} has the name of a {what}; allowed: a name that is not in {kind}"
    )


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "attacks.square.budgets",
            [0.1, 3],
            "attacks.square.budgets[1] is 3; allowed: a number above 0 and at most 1, a share of full scale",
        ),
        (
            "attacks.pgd.budgets",
            [8],
            "attacks.pgd.budgets[0] is 8; allowed: a number above 0 and at most 1, a share of full scale",
        ),
        (
            "run.attacks",
            ["pgd", "gradient_flips"],
            "run.attacks names 'gradient_flips'; allowed: what attacks defines, fgsm, pgd",
        ),
        ("binary_attacks.budgets", [0.1, 4], "binary_attacks.budgets[0] is 0.1; allowed: an integer from 1 to 784"),
        ("attacks.pgd.domain", "binary", "attacks.pgd.domain is 'binary'; allowed: grey"),
        ("attacks.pgd.knowledge", "labels", "attacks.pgd.knowledge is 'labels'; allowed: gradients"),
        ("run.attacks", ["pgd", "noise"], "run.attacks names 'noise'; allowed: attacks on a network"),
        ("run.attacks", ["fgsm"], "paper_experiment.attack is 'pgd'; allowed: one of run.attacks"),
        (
            "adversarial.few.attacks",
            ["square"],
            "adversarial.few.attacks holds no attack that sees labels only; allowed: ",
        ),
        (
            "adversarial.few.attacks",
            ["square", "hop_skip_jump", "pgd"],
            "adversarial.few.attacks names 'pgd'; allowed: attacks that are neither",
        ),
        (
            "adversarial.attacks",
            ["mi_fgsm"],
            "adversarial.attacks holds no noise of the norm linf and the budgets 0.1, 0.2, 0.3; allowed: ",
        ),
        (
            "adversarial.transferred",
            ["pdg"],
            "adversarial.transferred names 'pdg'; allowed: an attack on networks of run.attacks or adversarial.attacks",
        ),
        (
            "adversarial.ensemble_attack",
            "fgsm",
            "adversarial.ensemble_attack is 'fgsm'; allowed: one of adversarial.transferred, pgd, mi_fgsm",
        ),
        (
            "ensembles.deep_networks.members",
            ["conv", "iterative_40_margin_1"],
            (
                "ensembles.deep_networks.members[1] is 'iterative_40_margin_1', a memory of the rule iterative, which"
                " has no gradients; allowed: "
            ),
        ),
        (
            "ensembles.deep_networks.members",
            ["conv", "nearest_neighbour_2000"],
            (
                "ensembles.deep_networks.members[1] is 'nearest_neighbour_2000', a control, which has no gradients;"
                " allowed: "
            ),
        ),
        (
            "ensembles.deep_networks.members",
            ["conv", "cnov"],
            "ensembles.deep_networks.members[1] is 'cnov'; allowed: a model that run or adversarial",
        ),
        (
            "ensembles.deep_networks.held_out",
            ["cnov"],
            "ensembles.deep_networks.held_out[0] is 'cnov'; allowed: a model that networks, memories or",
        ),
    ],
)
def test_threat_models_that_contradict_themselves_are_refused(config, path, value, message):
    put(config, path, value)
    assert refusal(check_config, config).startswith(message)


def test_an_attack_of_ones_own_needs_its_file(config, tmp_path):
    own = {
        "method": "function",
        "domain": "grey",
        "norm": "linf",
        "budgets": [0.1],
        "knowledge": "gradients",
        "restarts": 1,
    }
    config["attacks"]["mine"] = own | {"file": str(tmp_path / "mine.py")}
    assert refusal(check_config, config).startswith("attacks.mine.file is ")
    (tmp_path / "mine.py").write_text("def atack(): pass", encoding="utf-8")
    sentence = (
        "which does not define attack; allowed: a Python file that defines a function attack; did you mean 'atack'?"
    )
    assert refusal(check_config, config).endswith(sentence)
    (tmp_path / "mine.py").write_text("from elsewhere import attack", encoding="utf-8")
    check_config(config)


OWN_NETWORK = {
    "architecture": "function",
    "file": "mine.py",
    "function": "mine",
    "activation": None,
    "input": "binary",
    "loss": "cross_entropy",
}
OWN_NETWORK |= {"optimiser": "adam", "learning_rate": 0.002, "batch_size": 100, "epochs": 1, "labels": "given"}


@pytest.mark.parametrize(
    ("path", "definition"),
    [
        ("networks", OWN_NETWORK),
        ("memories", {"rule": "function", "patterns": 40, "file": "mine.py", "function": "mine"}),
        ("capacity.rules", {"rule": "function", "file": "mine.py", "function": "mine"}),
    ],
)
def test_models_of_ones_own_need_their_files(config, tmp_path, path, definition):
    put(config, f"{path}.mine", definition)
    assert refusal(check_config, config, tmp_path).startswith(f"{path}.mine.file is 'mine.py', but ")
    (tmp_path / "mine.py").write_text("def mine(:", encoding="utf-8")
    assert "is not Python: invalid syntax" in refusal(check_config, config, tmp_path)
    (tmp_path / "mine.py").write_text("def other(): pass", encoding="utf-8")
    assert refusal(check_config, config, tmp_path).startswith(
        f"{path}.mine.file is 'mine.py', which does not define mine; allowed: "
    )
    (tmp_path / "mine.py").write_text("raise SystemExit\nclass mine: pass", encoding="utf-8")  # nothing of it is run
    check_config(config, tmp_path)
    put(config, f"{path}.mine.function", "no name")
    assert refusal(check_config, config, tmp_path).startswith(
        f"{path}.mine.function is 'no name'; allowed: text matching "
    )


@pytest.mark.parametrize("kind", ["networks", "memories", "controls", "attacks", "ensembles"])
def test_adversarial_names_what_is_not_defined(config, kind):
    put(config, f"adversarial.{kind}", ["nowhere"])
    assert refusal(check_config, config).startswith(
        f"adversarial.{kind} names 'nowhere'; allowed: what {kind} defines, "
    )


@pytest.mark.parametrize(("key", "kind"), [("network", "networks"), ("attack", "attacks"), ("memory", "memories")])
def test_paper_experiment_shows_what_is_not_run(config, key, kind):
    name = config["paper_experiment"][key]
    run = [other for other in config["run"][kind] if other != name]
    put(config, f"run.{kind}", run)
    assert refusal(check_config, config).startswith(
        f"paper_experiment.{key} is '{name}'; allowed: one of run.{kind}, {', '.join(run)}"
    )


def test_paper_experiment_with_a_memory_that_stores_nothing(config):
    put(config, "paper_experiment.memory", "trained_dense")
    message = "paper_experiment.memory is 'trained_dense', which stores no images; allowed: a memory that has patterns"
    assert refusal(check_config, config) == message


def test_paper_experiment_shows_a_budget_that_is_not_run(config):
    put(config, "attacks.pgd.budgets", [0.1, 0.2])
    put(config, "paper_experiment.attack", "pgd")
    put(config, "paper_experiment.budget", 0.3)
    assert (
        refusal(check_config, config) == "paper_experiment.budget is 0.3; allowed: one of attacks.pgd.budgets, 0.1, 0.2"
    )
    put(config, "paper_experiment.budget", 0.2)
    check_config(config)


def test_energy_landscape_of_a_memory_that_is_not_run(config):
    put(config, "run.memories", ["hebbian_40", "iterative_40_margin_0"])
    put(config, "paper_experiment.memory", "hebbian_40")
    put(config, "energy_landscape.memory", "iterative_40_margin_1")
    assert (
        refusal(check_config, config)
        == "energy_landscape.memory is 'iterative_40_margin_1'; allowed: one of run.memories, hebbian_40,"
        " iterative_40_margin_0; did you mean 'iterative_40_margin_0'?"
    )


def test_energy_landscape_of_a_rule_without_passes(config):
    put(config, "energy_landscape.memory", "hebbian_40")
    assert (
        refusal(check_config, config)
        == "energy_landscape.memory is 'hebbian_40', whose rule hebbian learns in one step; allowed: a memory whose"
        " rule has passes"
    )


def test_energy_landscape_of_too_few_patterns(config):
    name = config["energy_landscape"]["memory"]
    put(config, f"memories.{name}.patterns", 2)
    assert (
        refusal(check_config, config)
        == f"energy_landscape.memory is '{name}', which stores 2; allowed: a memory of 3 or more, which span the plane"
    )
    put(config, f"memories.{name}.patterns", 3)
    check_config(config)


def test_gradient_descent_path_of_a_network_that_is_not_run(config):
    put(config, "run.networks", ["tanh_mlp_grey"])
    put(config, "paper_experiment.network", "tanh_mlp_grey")
    put(config, "gradient_descent_path.network", "tanh_mlp")
    message = refusal(check_config, config)
    assert message.startswith(
        "gradient_descent_path.network is 'tanh_mlp'; allowed: one of run.networks, tanh_mlp_grey"
    )


@pytest.fixture
def folder(tmp_path):
    """A folder with the four files, two of them compressed."""
    (tmp_path / "mine").mkdir()
    for index, name in enumerate(IDX_FILES):
        (tmp_path / "mine" / (name + (".gz" if index % 2 else ""))).touch()
    return tmp_path / "mine"


@pytest.mark.parametrize("relative", [True, False])
def test_directory_with_the_four_files_passes(config, folder, relative):
    put(config, "dataset.directory", "mine" if relative else str(folder))
    check_config(config, folder.parent)


def test_directory_that_does_not_exist(config, tmp_path):
    put(config, "dataset.directory", "nowhere")
    assert (
        refusal(check_config, config, tmp_path)
        == "dataset.directory is 'nowhere', which is not an existing folder; allowed: null, or a folder with"
        " train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, each"
        " plain or .gz"
    )


@pytest.mark.parametrize(
    "directory", ["a\0b", "long" * 2000, "mine/train-images-idx3-ubyte", "mine/train-images-idx3-ubyte/deeper"]
)
def test_directory_that_cannot_be_a_folder(config, folder, directory):
    put(config, "dataset.directory", directory)
    assert "which is not an existing folder; allowed: " in refusal(check_config, config, folder.parent)


@pytest.mark.parametrize("name", IDX_FILES)
@pytest.mark.parametrize("instead", ["nothing", "folder"])
def test_directory_that_lacks_a_file(config, folder, name, instead):
    for path in folder.glob(f"{name}*"):
        path.unlink()
    if instead == "folder":
        (folder / name).mkdir()
    put(config, "dataset.directory", "mine")
    assert refusal(check_config, config, folder.parent).startswith(
        f"dataset.directory is 'mine', which lacks the file {name}; allowed: "
    )


# --- any change of one value or key
# ---------------------------------------------------------------------------------------


def every_path(tree, path=()):
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in pairs:
        yield (*path, key)
        yield from every_path(value, (*path, key))


# Integers of 5000 digits come as map() because hypothesis could not print them.
huge = st.integers(20, 5000).map(lambda digits: 10**digits)
numbers = st.one_of(st.integers(), st.floats(), huge, st.sampled_from([0, 1, 2, 0.5, 40]))
texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["1e-3", "1E400", "0x10", "iterative", "mnist", "tanh_mlp", "hebbian_40", "a" * 300]),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts, st.dates(), st.binary(max_size=3))
keys = st.one_of(
    texts, st.integers(), st.booleans(), st.none(), st.sampled_from(["rule", "patterns", "margin", "method", "seeds"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=6
)


@settings(max_examples=200, deadline=None)
@given(
    path=st.sampled_from(list(every_path(SHIPPED))),
    how=st.sampled_from(["replace", "add", "remove", "rename"]),
    key=keys,
    value=values,
)
def test_any_single_change_passes_or_is_refused_in_one_sentence(path, how, key, value):
    config = copy.deepcopy(SHIPPED)
    parent = config
    for step in path[:-1]:
        parent = parent[step]
    if how == "replace" or (isinstance(parent, list) and how != "remove"):
        parent[path[-1]] = value
    elif how == "add":
        parent[key] = value
    else:
        moved = parent.pop(path[-1])
        if how == "rename":
            parent[key] = moved
    try:
        check_config(config)
    except ConfigError as error:
        message = str(error)
        assert message.isprintable()
        assert message.count("allowed: ") == 1
        assert len(message) < 600


# --- claims
# ---------------------------------------------------------------------------------------


def test_claims_pass(claims):
    check_claims(claims)


PART = "claims.C1.parts[0]"
WRONG_CLAIMS = [
    ("claims", {}, "claims is an empty mapping; allowed: a mapping that is not empty"),
    ("claims.C1.section", 2, "claims.C1.section is 2; allowed: text that is not empty"),
    ("claims.C1.parts", None, "claims.C1.parts is null; allowed: a list of at least 0 items, each a mapping"),
    ("claims.C1.parts.0.id", "D1", f"{PART}.id is 'D1'; allowed: text matching ^C[0-9]{{1,6}}[a-z]?$"),
    ("claims.C1.parts.0.id", "C2", f"{PART}.id is 'C2'; allowed: C1, or C1 and a small letter"),
    ("claims.C1.parts.0.id", "C10", f"{PART}.id is 'C10'; allowed: C1, or C1 and a small letter"),
    ("claims.C3.parts.1.id", "C3a", "claims.C3.parts[1].id is 'C3a'; allowed: an id that no earlier part has"),
    ("claims.C1.parts.0.table", "../x", f"{PART}.table is '../x'; allowed: text matching ^[a-z][a-z0-9_]{{0,59}}$"),
    ("claims.C1.parts.0.where", {}, f"{PART}.where is an empty mapping; allowed: a mapping that is not empty"),
    (
        "claims.C1.parts.0.where.memory",
        None,
        f"{PART}.where.memory is null; allowed: text or a number or true or false",
    ),
    (
        "claims.C1.parts.0.decision",
        "above",
        f"{PART}.decision is 'above'; allowed: a mapping with the key kind, which is above, below, within",
    ),
    ("claims.C1.parts.0.decision.kind", "abov", f"{PART}.decision.kind is 'abov'; allowed: above, below, within"),
    ("claims.C1.parts.0.decision.margin", -1, f"{PART}.decision.margin is -1; allowed: a number of at least 0"),
    ("claims.C1.parts.0.decision.low", 1, f"{PART}.decision.low is not a known key; allowed: kind, reference, margin"),
    (
        "claims.C3.parts.0.decision.low",
        0.83,
        "claims.C3.parts[0].decision.low is 0.83; allowed: a number below high, which is 0.83",
    ),
    (
        "claims.C3.parts.0.decision.high",
        float("nan"),
        "claims.C3.parts[0].decision.high is nan, which is no finite number; allowed: a number",
    ),
]


@pytest.mark.parametrize(("path", "value", "message"), WRONG_CLAIMS)
def test_wrong_claim(claims, path, value, message):
    put(claims, path, value)
    assert refusal(check_claims, claims) == message


@pytest.mark.parametrize("key", ["id", "statistic", "unit", "table", "where", "decision"])
def test_part_lacks_a_key(claims, key):
    drop(claims, f"claims.C1.parts.0.{key}")
    assert refusal(check_claims, claims).startswith(f"{PART}.{key} is missing; allowed: ")


@pytest.mark.parametrize("key", ["section", "claim", "parts", "decided_by"])
def test_claim_lacks_a_key(claims, key):
    drop(claims, f"claims.C1.{key}")
    assert refusal(check_claims, claims).startswith(f"claims.C1.{key} is missing; allowed: ")


def test_unknown_keys_of_claims(claims):
    put(claims, "claims.C1.decidedby", "x")
    assert (
        refusal(check_claims, claims)
        == "claims.C1.decidedby is not a known key; allowed: section, claim, parts, decided_by; did you mean"
        " 'decided_by'?"
    )


@pytest.mark.parametrize("name", ["c1", "C1a", "C", "C1\n"])
def test_impossible_id_of_a_claim(claims, name):
    claims["claims"][name] = claims["claims"]["C4"]
    message = refusal(check_claims, claims)
    assert "claims" in message
    assert "allowed: C and a number, such as C3" in message or "allowed: text on one line" in message


def test_claims_that_are_no_mapping():
    assert refusal(check_claims, None) == "the file of claims is null; allowed: a mapping with the keys claims"


# --- names and choices
# ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["none", "best", "random", "clean", "nan", "null", "all", "transfer"])
@pytest.mark.parametrize(
    "section", ["networks", "memories", "controls", "attacks", "ensembles", "capacity.rules", "binary_attacks.models"]
)
def test_names_that_tables_use_for_something_else(config, section, name):
    *parents, last = section.split(".")
    definitions = config[parents[0]][last] if parents else config[last]
    definitions[name] = next(iter(definitions.values()))
    assert refusal(check_config, config).startswith(
        f"{section}.{name} has a name that tables use for something else; allowed: a name other than all, best, "
    )


@pytest.mark.parametrize(
    "path",
    [
        "run.networks",
        "run.memories",
        "run.attacks",
        "adversarial.transferred",
        "capacity.run",
        "binary_attacks.run.models",
        "binary_attacks.run.attacks",
        "symmetry.further",
        "symmetry.memories",
        "pattern_space.counted",
    ],
)
def test_choices_that_cannot_be_empty(config, path):
    put(config, path, [])
    assert refusal(check_config, config).startswith(path)


# --- attacks of the binary domain
# ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("attacks.label_search.domain", "grey", "attacks.label_search.domain is 'grey'; allowed: binary"),
        ("attacks.label_search.norm", "linf", "attacks.label_search.norm is 'linf'; allowed: l0"),
        (
            "attacks.label_search.knowledge",
            "gradients",
            "attacks.label_search.knowledge is 'gradients'; allowed: labels",
        ),
        ("budgets", [0.1], "budgets[0] is 0.1; allowed: an integer"),
        ("budgets", [2, 1], "budgets is 2, 1; allowed: numbers of flipped bits in ascending order"),
        (
            "attacks.gradient_flips.surrogates",
            None,
            "attacks.gradient_flips.surrogates is null, but hebbian_40 of binary_attacks.run.models has no gr",
        ),
        (
            "attacks.single_flips.images",
            300,
            "attacks.single_flips.images is 300; allowed: at most 200, binary_attacks.random_images",
        ),
        (
            "run.models",
            ["tanh_mlp", "tanh_mlpp"],
            "run.models names 'tanh_mlpp'; allowed: a network or memory that this run trains, a memory of rule",
        ),
        (
            "run.attacks",
            ["pgd"],
            "run.attacks names 'pgd'; allowed: single_flips, gradient_flips, score_search, label_search",
        ),
        ("network", "hebbian_40", "network is 'hebbian_40'; allowed: a network of binary_attacks.run.models, tanh_mlp"),
        (
            "models.features_recall.network",
            "conv",
            "models.features_recall.network is 'conv'; allowed: a network of architecture mlp",
        ),
        (
            "models.recall_dense_then_mlp.memory",
            "trained_dense",
            "models.recall_dense_then_mlp.memory is 'trained_dense'; allowed: hebbian_40",
        ),
        (
            "models.conv",
            {"kind": "nearest_neighbour", "patterns": 5},
            "models.conv has the name of a model in networks; allowed: a name that is",
        ),
    ],
)
def test_attacks_of_the_binary_domain_that_cannot_be_run(config, path, value, sentence):
    put(config, f"binary_attacks.{path}", value)
    assert refusal(check_config, config).startswith(f"binary_attacks.{sentence}")


def test_attacks_by_gradients_alone_need_no_stand_ins(config):
    put(config, "binary_attacks.attacks.gradient_flips.surrogates", None)
    put(
        config,
        "binary_attacks.run.models",
        ["tanh_mlp", "conv", "trained_dense_128", "nearest_neighbour_40", "features_linear"],
    )
    check_config(config)
