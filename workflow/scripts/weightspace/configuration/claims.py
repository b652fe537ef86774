"""Checks of claims.yaml: what its schema cannot say."""

import re
from collections.abc import Mapping
from typing import Any

from weightspace.configuration.messages import ConfigError, sentence, show
from weightspace.configuration.schema import check_against_schema


def check_claims(claims: Mapping[str, Any]) -> None:
    """Check the content of claims.yaml.

    Raises:
        ConfigError: a claim is incomplete, holds unknown keys, names an unknown setting, two parts have the same id, no
            part decides it, or the family is not as large as it says.
    """
    check_against_schema(claims, "claims", "the file of claims")
    members = 0
    for claim, definition in claims["claims"].items():
        seen: set[str] = set()
        for index, part in enumerate(definition["parts"]):
            path = ("claims", claim, "parts", index)
            if not re.fullmatch(f"{claim}[a-z]?", part["id"]):
                raise ConfigError(sentence((*path, "id"), part["id"], f"{claim}, or {claim} and a small letter"))
            if part["id"] in seen:
                raise ConfigError(sentence((*path, "id"), part["id"], "an id that no earlier part has"))
            seen.add(part["id"])
            _check_cell(path, part)
            decision = part.get("decision", {})
            members += bool(part.get("decides")) and decision.get("kind") in ("share", "different", "equal")
            if "low" in decision and not decision["low"] < decision["high"]:
                allowed = f"a number below high, which is {show(decision['high'])}"
                raise ConfigError(sentence((*path, "decision", "low"), decision["low"], allowed))
        if not any(part.get("decides") for part in definition["parts"]):
            raise ConfigError(f"claims.{claim}.parts has no part with decides: true; allowed: one at least")
    if members != claims["family"]:
        allowed = f"{members}, the number of deciding parts of the kinds share, different and equal"
        raise ConfigError(sentence(("family",), claims["family"], allowed))


def _check_cell(path, part):
    """The settings that a part's cells name are those that a run has."""
    for place, cell in [
        ((), part),
        *((("requires", number), one) for number, one in enumerate(part.get("requires", []))),
    ]:
        for column, value in cell.get("where", {}).items():
            if str(value).startswith("{") and value != "{dataset}":
                allowed = "{dataset}, the run's only setting that a cell can name, or a value"
                raise ConfigError(sentence((*path, *place, "where", column), value, allowed))
