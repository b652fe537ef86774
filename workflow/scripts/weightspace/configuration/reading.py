"""The configuration of a run as its files give it, one laid over the other, and what YAML would let pass in them.

Mappings are merged key by key; lists and single values replace what was there. What is chosen (``run.memories``) is a
mapping of names to true or false, or a list of names: a list says anew all that is chosen, a mapping goes on from what
was chosen before.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from pathlib import Path
from typing import Any

import yaml

from weightspace.configuration.messages import ConfigError, dotted
from weightspace.place import ROOT

CATALOGUE, EXPERIMENT = ROOT / "config" / "catalogue.yaml", ROOT / "config.yaml"
# Files of the checkout that a run may be told to lay over these.
_SHIPPED = ("config.yaml", "config/*.yaml", "tests/*.yaml")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # every start of Snakemake waits for these files


def merged(layers: Iterable[Mapping[str, Any] | None]) -> dict[str, Any]:
    """Configurations laid one over the other; keys of the lower ones come first."""
    return reduce(_laid_over, (layer or {} for layer in layers), {})


def _laid_over(below: Any, above: Any) -> Any:
    if not isinstance(above, Mapping):
        return above
    if isinstance(below, list) and all(isinstance(name, str) for name in below):
        below = dict.fromkeys(below, True)
    below = below if isinstance(below, Mapping) else {}
    return {**below, **{key: _laid_over(below.get(key), value) for key, value in above.items()}}


def is_shipped(path: str | Path) -> bool:
    """Whether a file is one of the project's own configurations, whose numbers are lowered to what images allow."""
    return Path(path).resolve() in {file for pattern in _SHIPPED for file in ROOT.glob(pattern)}


def read_yaml(path: str | Path) -> Any:
    """What a YAML file holds.

    Raises:
        ConfigError: it gives a key twice, or a number that YAML reads otherwise than it looks.
    """
    loader = _LOADER(Path(path).read_text(encoding="utf-8"))
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        for fault in _faults(node, (), set()):
            near = os.path.relpath(path)
            raise ConfigError(fault.format(file=path if near.startswith("..") else near))
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _faults(node: yaml.Node, path: tuple[str | int, ...], seen: set[int]) -> Iterator[str]:
    """Sentences with a place for the file's name."""
    if id(node) in seen:  # an alias, which may even stand within what it stands for
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        yield from _keys_given_twice(node, path)
        for key, value in node.value:
            inner = (*path, str(key.value)) if isinstance(key, yaml.ScalarNode) else path
            yield from (*_faults(key, path, seen), *_faults(value, inner, seen))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _faults(item, (*path, index), seen)
    elif isinstance(node, yaml.ScalarNode):
        yield from _misread_number(node, path)


def _keys_given_twice(mapping: yaml.MappingNode, path: tuple[str | int, ...]) -> Iterator[str]:
    lines: dict[tuple[str, str], int] = {}
    for key, _ in mapping.value:
        name, line = (key.tag, str(key.value)), key.start_mark.line + 1
        if name in lines and not key.tag.endswith(":merge"):
            where = f"on lines {lines[name]} and {line}" if lines[name] != line else f"on line {line}"
            yield f"{_escaped(dotted((*path, key.value)))} stands in {{file}} twice, {where}; allowed: each key once"
        lines[name] = line


def _misread_number(scalar: yaml.ScalarNode, path: tuple[str | int, ...]) -> Iterator[str]:
    """Numbers in which YAML 1.1 sees octal digits, or hours and minutes."""
    if not scalar.tag.endswith((":int", ":float")):
        return
    octal, sixties = re.fullmatch(r"[-+]?0[0-7_]+", scalar.value), ":" in scalar.value
    if not (octal or sixties):
        return
    read = f"{yaml.safe_load(scalar.value):g}"
    meant = f"{int(scalar.value.replace('_', ''))} or {read}, whichever is meant" if octal else read
    yield (
        f"{_escaped(dotted(path))} in {{file}}, line {scalar.start_mark.line + 1}, is {scalar.value}, which YAML reads"
        f" as {read}; allowed: {meant}, or '{scalar.value}' in quotes for text"
    )


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
