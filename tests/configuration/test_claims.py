"""What claims.yaml may say: the shipped one passes, and faults are refused in one sentence."""

import copy
import re

import pytest
import yaml
from refusals import drop, put, refusal
from shipped_claims import SHIPPED

from weightspace.configuration.claims import check_claims

CLAIMS = """
family: 1
seeds: 10
claims:
  C1:
    section: II.A.2
    claim: after iterative learning each stored pattern is lowest in energy in its Hamming neighbourhood
    reading: single flips
    parts:
      - id: C1
        decides: true
        statistic: share of stored patterns that are strict minima
        unit: share
        table: stability
        where: {memory: iterative_40_margin_1, flips: 2, certified: true}
        decision: {kind: share, side: above, bar: 0.9}
    decided_by: all single and all double flips, exactly
  C3:
    section: II.B.2
    claim: the iterative memory misclassified 0.7 of 40 adversarial images
    reading: a share
    parts:
      - {id: C3a, decides: true, statistic: rate, unit: share, table: rates, where: {p: 40},
         decision: {kind: range, low: 0.53, high: 0.83}}
      - id: C3b
        statistic: rate
        unit: share
        table: rates
        where: {p: 40}
        decision: {kind: different, side: below, margin: 0}
        requires: [{what: training error, table: networks, where: {model: a}, at_most: 0.05}]
      - {id: C3c, statistic: rate, unit: share, waits_for: other images}
    decided_by: whether the rate agrees
"""
PART = "claims.C1.parts[0]"
KINDS = "universal, share, range, definition, different, exploratory, equal"


@pytest.fixture
def claims():
    return yaml.safe_load(CLAIMS)


def changed(part, **entries):
    """The shipped claims with entries of one part changed; None takes them out."""
    claims = copy.deepcopy(SHIPPED)
    (found,) = [one for entry in claims["claims"].values() for one in entry["parts"] if one["id"] == part]
    found |= entries
    for key in [key for key, value in entries.items() if value is None]:
        del found[key]
    return claims


def where(part):
    (found,) = [one for entry in SHIPPED["claims"].values() for one in entry["parts"] if one["id"] == part]
    return found["where"]


def test_shipped_claims_are_twenty_and_fit_their_schema():
    check_claims(SHIPPED)
    assert list(SHIPPED["claims"]) == [f"C{number}" for number in range(1, 21)]


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        (changed("C11b", where=where("C11b") | {"dataset": "{datset}"}), r"parts\[1\].where.dataset is '{datset}'"),
        (SHIPPED | {"family": 20}, "family is 20; allowed: 21, the number of deciding parts"),
        (changed("C4a", decides=False), "family is 21; allowed: 20"),
        (changed("C16a", decides=False), "claims.C16.parts has no part with decides: true"),
        (changed("C4b", id="C4a"), "an id that no earlier part has"),
        (changed("C3a", decision={"kind": "range", "low": 0.9, "high": 0.83}), "a number below high, which is 0.83"),
        (changed("C4a", where=where("C4a") | {"images": "all"}), "errors that are made clean too decide nothing"),
        (changed("C2a", where={"network": "tanh_mlp"}), "where.images is null"),
        (changed("C5a", decision={"kind": "larger", "margin": 0.05}), "decision.kind is 'larger'; allowed: universal"),
        (changed("C5a", decision={"kind": "share", "side": "above"}), "decision.bar is missing"),
        (changed("C1a", decision={"kind": "universal"}), "decision has no bound; allowed: at_most or at_least"),
        (changed("C5a", where=None), "is not whole; allowed: the keys table, where and decision, or waits_for"),
        (changed("C2e", decides=True), "waits_for is 'robust networks'; allowed: no part that"),
    ],
)
def test_a_fault_is_refused_in_one_sentence(claims, message):
    assert re.search(message, refusal(check_claims, claims))


def test_claims_pass(claims):
    check_claims(claims)


WRONG_CLAIMS = [
    ("claims", {}, "claims is an empty mapping; allowed: a mapping that is not empty"),
    ("seeds", 1, "seeds is 1; allowed: an integer from 2 to 1000"),
    ("claims.C1.section", 2, "claims.C1.section is 2; allowed: text that is not empty"),
    ("claims.C1.parts", None, "claims.C1.parts is null; allowed: a list of at least 1 items, each a mapping"),
    ("claims.C1.parts.0.id", "D1", f"{PART}.id is 'D1'; allowed: text matching ^C[0-9]{{1,6}}[a-z]?$"),
    ("claims.C1.parts.0.id", "C2", f"{PART}.id is 'C2'; allowed: C1, or C1 and a small letter"),
    ("claims.C1.parts.0.id", "C10", f"{PART}.id is 'C10'; allowed: C1, or C1 and a small letter"),
    ("claims.C3.parts.1.id", "C3a", "claims.C3.parts[1].id is 'C3a'; allowed: an id that no earlier part has"),
    ("claims.C1.parts.0.decides", "yes", f"{PART}.decides is 'yes'; allowed: true or false"),
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
        f"{PART}.decision is 'above'; allowed: a mapping with the key kind, which is {KINDS}",
    ),
    ("claims.C1.parts.0.decision.kind", "shar", f"{PART}.decision.kind is 'shar'; allowed: {KINDS}"),
    ("claims.C1.parts.0.decision.side", "over", f"{PART}.decision.side is 'over'; allowed: above, below"),
    ("claims.C1.parts.0.decision.low", 1, f"{PART}.decision.low is not a known key; allowed: kind, side, bar"),
    (
        "claims.C3.parts.1.decision.margin",
        -1,
        "claims.C3.parts[1].decision.margin is -1; allowed: a number of at least 0",
    ),
    (
        "claims.C3.parts.1.requires.0.at_mots",
        1,
        (
            "claims.C3.parts[1].requires[0].at_mots is not a known key; allowed: what, table, where, column, at_least,"
            " at_most, spares; did you mean 'at_most'?"
        ),
    ),
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


@pytest.mark.parametrize("key", ["id", "statistic", "unit"])
def test_part_lacks_a_key(claims, key):
    drop(claims, f"claims.C1.parts.0.{key}")
    assert refusal(check_claims, claims).startswith(f"{PART}.{key} is missing; allowed: ")


@pytest.mark.parametrize("key", ["section", "claim", "reading", "parts", "decided_by"])
def test_claim_lacks_a_key(claims, key):
    drop(claims, f"claims.C1.{key}")
    assert refusal(check_claims, claims).startswith(f"claims.C1.{key} is missing; allowed: ")


def test_a_precondition_without_a_bound(claims):
    drop(claims, "claims.C3.parts.1.requires.0.at_most")
    message = "claims.C3.parts[1].requires[0] has no bound; allowed: at_most or at_least"
    assert refusal(check_claims, claims) == message


def test_unknown_keys_of_claims(claims):
    put(claims, "claims.C1.decidedby", "x")
    assert (
        refusal(check_claims, claims)
        == "claims.C1.decidedby is not a known key; allowed: section, claim, reading, parts, decided_by; did you mean"
        " 'decided_by'?"
    )


@pytest.mark.parametrize("name", ["c1", "C1a", "C", "C1\n"])
def test_impossible_id_of_a_claim(claims, name):
    claims["claims"][name] = claims["claims"]["C3"]
    message = refusal(check_claims, claims)
    assert "claims" in message
    assert "allowed: C and a number, such as C3" in message or "allowed: text on one line" in message


def test_claims_that_are_no_mapping():
    message = "the file of claims is null; allowed: a mapping with the keys family, seeds, claims"
    assert refusal(check_claims, None) == message
