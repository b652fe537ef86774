"""What is shipped passes, any single change passes or is refused in one sentence, and claims are checked alike."""

import copy
import os
import subprocess
import sys

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from refusals import SHIPPED, drop, put, refusal
from running import ROOT

from weightspace.configuration.checks import check_claims, check_config
from weightspace.configuration.choices import load_configuration
from weightspace.configuration.messages import ConfigError

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
def claims():
    return yaml.safe_load(CLAIMS)


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
