"""Checks of claims.yaml: what its schema cannot say."""

import re
from typing import Any

from weightspace.configuration.messages import ConfigError, dotted, sentence, show
from weightspace.configuration.schema import check_against_schema

# Tables of errors under attack by selection of images, and the selections that leave errors on clean images out.
_UNDER_ATTACK = ("attacks", "transfer", "flips", "flip_differences")
_RIGHT = ("right_clean", "right_under_both", "right_all")


def check_claims(claims: Any) -> None:
    """Check the content of claims.yaml.

    Raises:
        ConfigError: a claim is incomplete, holds unknown keys, names an unknown setting, two parts have the same id, no
            part decides it, a deciding part holds errors that are made clean too, or the family is not as large as it
            says.
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
            _check_whole(path, part)
            _check_cell(path, part)
            _check_images(path, part)
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


def _check_whole(path, part):
    """A part has all that it is read from, or waits; a bound is given where one is asked for."""
    read, waits = [key for key in ("table", "where", "decision") if key in part], "waits_for" in part
    if len(read) < 3 and not (waits and not read):
        raise ConfigError(f"{dotted(path)} is not whole; allowed: the keys table, where and decision, or waits_for")
    if waits and (read or part.get("decides")):
        raise ConfigError(
            sentence((*path, "waits_for"), part["waits_for"], "no part that is measured, or that decides")
        )
    bounded: list[tuple[tuple[str | int, ...], Any]] = []
    bounded += [(("decision",), part["decision"])] if part.get("decision", {}).get("kind") == "universal" else []
    bounded += [(("requires", number), one) for number, one in enumerate(part.get("requires", []))]
    for place, one in bounded:
        if "at_most" not in one and "at_least" not in one:
            raise ConfigError(f"{dotted((*path, *place))} has no bound; allowed: at_most or at_least")


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


def _check_images(path, part):
    """A part that decides by errors under attack is about images that were answered rightly when clean."""
    if part.get("decides") and part.get("table") in _UNDER_ATTACK:
        images = part["where"].get("images")
        if images not in _RIGHT:
            allowed = f"{', '.join(_RIGHT)}, since errors that are made clean too decide nothing"
            raise ConfigError(sentence((*path, "where", "images"), images, allowed))
