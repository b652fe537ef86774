"""Checks of published.yaml, and of the section `published` of the configuration: what their schemas cannot say."""

from collections.abc import Mapping
from typing import Any

from weightspace.configuration.messages import ConfigError, dotted, sentence
from weightspace.configuration.schema import check_against_schema
from weightspace.plan import PUBLISHED, PUBLISHED_IMAGES

_WORKS = PUBLISHED | PUBLISHED_IMAGES


def check_published(content: Any) -> None:
    """Check the content of published.yaml.

    Raises:
        ConfigError: an entry is incomplete, was neither read nor said to be unread, or names an unknown work.
    """
    check_against_schema(content, "published", "the file of published numbers")
    for name, entry in content["entries"].items():
        path = ("entries", name)
        if ("read" in entry) == ("unread" in entry):
            raise ConfigError(f"{dotted(path)} is not clear; allowed: either of the keys read and unread")
        if "measured" not in entry:
            if "note" not in entry:
                raise ConfigError(
                    f"{dotted(path)} is not whole; allowed: the key measured, or a note that says why not"
                )
            continue
        if "tolerance" not in entry or "why" not in entry:
            raise ConfigError(f"{dotted(path)} is not whole; allowed: with measured the keys tolerance and why")
        if entry["measured"]["work"] not in _WORKS:
            raise ConfigError(sentence((*path, "measured", "work"), entry["measured"]["work"], ", ".join(_WORKS)))


def check_works(config: Mapping[str, Any]) -> None:
    """Each work that is chosen has a definition, and each definition is of a work and has its keys.

    Raises:
        ConfigError: the first that does not.
    """
    section = config["published"]
    for name, definition in section["definitions"].items():
        path = ("published", "definitions", name)
        if name not in _WORKS:
            raise ConfigError(f"{dotted(path)} is no work; allowed: {', '.join(_WORKS)}")
        if set(definition) != set(_WORKS[name]):
            keys = f"the keys {', '.join(_WORKS[name])}" if _WORKS[name] else "no keys"
            raise ConfigError(sentence(path, definition, keys))
    for work in section["works"]:
        if work not in section["definitions"]:
            raise ConfigError(sentence(("published", "works"), work, ", ".join(section["definitions"])))
