"""What a configuration chooses among its definitions: names with true or false, or a list of names."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from weightspace.configuration.messages import ConfigError, did_you_mean, dotted, sentence
from weightspace.configuration.reading import CATALOGUE, EXPERIMENT, merged, read_yaml
from weightspace.configuration.schema import load_schema


def load_configuration(*files: str | Path) -> dict[str, Any]:
    """The shipped configuration with files laid over it, as the checks and the plan see it."""
    return with_lists(merged(map(read_yaml, (CATALOGUE, EXPERIMENT, *files))))


def with_lists(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with every choice as the list of the names that are true, in their order.

    Raises:
        ConfigError: a name is neither true nor false, or one that is false is nowhere defined.
    """
    defined = set(_names(config, load_schema()))
    return _with_lists(config, load_schema(), (), defined)


def _with_lists(value: Any, schema: Mapping[str, Any], path: tuple[str, ...], defined: set[str]) -> Any:
    if not isinstance(value, Mapping):
        return value
    if schema.get("title") == "choice":
        return _chosen(value, path, defined)
    return {
        key: _with_lists(item, part, (*path, key), defined) if (part := _part(schema, key)) else item
        for key, item in value.items()
    }


def _chosen(names: Mapping[str, Any], path: tuple[str, ...], defined: set[str]) -> list[str]:
    # Within --config Snakemake reads true and false as text.
    names = {name: {"true": True, "false": False}.get(str(chosen).lower(), chosen) for name, chosen in names.items()}
    for name, chosen in names.items():
        if not isinstance(chosen, bool):
            raise ConfigError(sentence((*path, name), chosen, "true or false"))
        if not chosen and name not in defined:
            hint = did_you_mean(name, sorted(defined))
            raise ConfigError(
                f"{dotted((*path, name))} is false, and nothing of this name is defined; allowed: names of definitions"
                f"{hint}"
            )
    return [name for name, chosen in names.items() if chosen]


def _names(value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    """Names of all definitions within a part of the configuration."""
    if not isinstance(value, Mapping) or schema.get("title") == "choice":
        return
    for key, item in value.items():
        if key not in schema.get("properties", {}) and isinstance(key, str):
            yield key
        if part := _part(schema, key):
            yield from _names(item, part)


def _part(schema: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    """What a schema says of one key of a mapping; of the key of a definition, what it says of all definitions."""
    parts = (*schema.get("patternProperties", {}).values(), None)
    return schema.get("properties", {}).get(key, parts[0])
