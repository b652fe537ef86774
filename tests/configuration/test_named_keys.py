"""Sentences of the library name keys that exist."""

import ast
import re

import pytest
from running import ROOT

from weightspace.configuration.schema import load_schema

SCHEMA, ANY = load_schema(), "NAME"  # what stands for a part of a key that is filled in
FILES = r"\.(py|yaml|npz|csv|smk|md|json|html|svg|png|safetensors)$"


def parts(node):
    """A schema with what it refers to, and all that it may be instead."""
    if "$ref" in node:
        target = SCHEMA
        for key in node["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        node = {**target, **node}
    others = (one for kind in ("oneOf", "anyOf", "allOf") for one in node.get(kind, []))
    return [node, *(part for one in others for part in parts(one))]


def exists(keys):
    nodes = parts(SCHEMA)
    for key in keys:
        found = []
        for node in nodes:
            known = node.get("properties", {})
            found += [part for name in (known if key == ANY else {key} & set(known)) for part in parts(known[name])]
            patterns = node.get("patternProperties", {})
            found += [
                part for form, one in patterns.items() if key == ANY or re.search(form, key) for part in parts(one)
            ]
            found += [{}] if node.get("title") == "choice" else []  # a name with true or false
        nodes = found
    return bool(nodes)


def sentences(path):
    """Texts of a file, names that are filled in as `ANY`; docstrings are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else ANY for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value:
            yield node.value


@pytest.mark.parametrize(
    ("key", "there"), [("pattern_space.stored", False), ("pattern_space.digits.NAME.stored", True)]
)
def test_a_key_that_does_not_exist_is_seen(key, there):
    assert exists(key.split(".")) == there


def test_keys_that_sentences_name_exist():
    named = {
        (path.name, match[0])
        for path in (ROOT / "workflow/scripts").rglob("*.py")
        for text in sentences(path)
        for match in re.finditer(r"(?<![\w./`])([a-z_]+)(?:\.[A-Za-z_]\w*)+", text)
        if match[1] in SCHEMA["properties"] and not re.search(FILES, match[0])
    }
    assert len(named) > 40
    assert {(name, key) for name, key in named if not exists(key.split("."))} == set()
