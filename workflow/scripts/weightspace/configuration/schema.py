"""What the schemas in workflow/schemas say of config.yaml and claims.yaml, and every fault against them as a
sentence.
"""

import difflib
import math
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import jsonschema

from weightspace.configuration.messages import LARGEST, ConfigError, among, did_you_mean, dotted, sentence, show
from weightspace.configuration.reading import read_yaml
from weightspace.place import ROOT

_SCHEMAS = ROOT / "workflow" / "schemas"
_DEEPEST = 12  # levels of nesting; config.yaml has four, and a YAML alias that contains itself has no end


def allowed_values(schema: Mapping[str, Any]) -> str:
    """What a part of `load_schema` allows, in the words of the messages: ``a number above 0 and at most 1``."""
    return _allowed(schema)


@lru_cache
def load_schema(name: str = "config") -> dict[str, Any]:
    """The schema ``config`` or ``claims`` as a dict, read once, with each ``$ref`` replaced by what it refers to."""
    schema = read_yaml(_SCHEMAS / f"{name}.schema.yaml")
    definitions = schema.pop("$defs")

    def expand(node):
        if isinstance(node, list):
            return [expand(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            node = {**definitions[node["$ref"].removeprefix("#/$defs/")], **node}
            del node["$ref"]
        return {key: expand(value) for key, value in node.items()}

    schema = expand(schema)
    if name == "config":
        _give_rules_without_numbers(schema)
    return schema


def _give_rules_without_numbers(schema):
    """Let ``capacity.rules`` hold the kinds of ``memories`` that store patterns, less the number of patterns, which is
    what it varies.
    """
    (memory,) = schema["properties"]["memories"]["patternProperties"].values()
    kinds = [
        {
            **kind,
            "required": [key for key in kind["required"] if key != "patterns"],
            "properties": {key: value for key, value in kind["properties"].items() if key != "patterns"},
        }
        for kind in memory["oneOf"]
        if "patterns" in kind["properties"]
    ]
    rules = schema["properties"]["capacity"]["properties"]["rules"]["patternProperties"]
    (pattern,) = rules
    rules[pattern] = {"description": "One rule, without its number of patterns.", "oneOf": kinds}


def _is_integer(_, value):
    # JSON Schema takes 5.0 for an integer; range() does not.
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(_, value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


_Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"integer": _is_integer, "number": _is_number}
    ),
)


def check_against_schema(value: Any, name: str, whole: str) -> None:
    """Raise the first fault of ``value``, which a message calls ``whole``, against the schema ``name``."""
    if not isinstance(value, dict):
        raise ConfigError(
            f"{whole} is {show(value)}; allowed: a mapping with the keys {among(load_schema(name)['properties'])}"
        )
    _check_plain(value, ())
    # In the order of the schemas, which name additionalProperties before required: a misspelt key is also a missing
    # one, and is shown as misspelt.
    error = next(_Validator(load_schema(name)).iter_errors(value), None)
    if error is not None:
        raise ConfigError(next(_faults(error)))


def _check_plain(value, path):
    """Refuse what jsonschema stumbles over: keys that are not text, values that are not plain, nesting without end."""
    if len(path) > _DEEPEST:
        raise ConfigError(
            f"{dotted(path[:4])} is nested more than {_DEEPEST} levels deep; allowed: the levels that config.yaml shows"
        )
    if isinstance(value, dict):
        for key, item in value.items():
            if not (isinstance(key, str) and key.isprintable()):
                where = f" in {dotted(path)}" if path else ""
                raise ConfigError(
                    f"the key {show(key)}{where} is not a name; allowed: text on one line, in quotes where YAML takes"
                    " it for something else"
                )
            _check_plain(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_plain(item, (*path, index))
    elif isinstance(value, int) and abs(value) >= LARGEST:
        # Python itself refuses to print integers of thousands of digits.
        raise ConfigError(sentence(path, value, "integers of at most 20 digits"))
    elif value is not None and not isinstance(value, (str, int, float)):
        raise ConfigError(
            sentence(
                path,
                value,
                "text, in quotes where YAML takes it for something else, numbers, true, false, null, lists, mappings",
            )
        )


def _faults(error):
    """Turn an error of jsonschema into sentences, one for each fault that it stands for."""
    path, found, schema = tuple(error.absolute_path), error.instance, error.schema
    if error.validator == "oneOf":
        yield from _faults_of_kind(error)
    elif error.validator == "additionalProperties":
        yield from (_unknown_key(path, key, schema) for key in found if not _is_known(key, schema))
    elif error.validator == "required":
        missing = next(key for key in schema["required"] if key not in found)
        yield f"{dotted((*path, missing))} is missing; allowed: {_allowed(schema['properties'][missing])}"
    elif error.validator == "uniqueItems":
        index = next(index for index, item in enumerate(found) if item in found[:index])
        yield f"{dotted((*path, index))} is {show(found[index])} again; allowed: {_allowed(schema)}"
    else:
        yield sentence(path, found, _allowed(schema), _how_to_write(found, schema))


def _faults_of_kind(error):
    """Faults of a definition of several kinds, such as rules, against the kind that it says it is, not against all."""
    path, found, kinds = tuple(error.absolute_path), error.instance, error.validator_value
    key = _distinguishing_key(kinds[0])
    names = [kind["properties"][key]["const"] for kind in kinds]
    if not isinstance(found, dict):
        yield sentence(path, found, f"a mapping with the key {key}, which is {among(names)}")
    elif key not in found:
        misspelt = difflib.get_close_matches(key, found, n=1)
        hint = f"; is it misspelt as {show(misspelt[0])}?" if misspelt else ""
        yield f"{dotted((*path, key))} is missing; allowed: {among(names)}{hint}"
    elif found[key] not in names:
        yield sentence((*path, key), found[key], among(names))
    else:
        chosen = names.index(found[key])
        for part in error.context:
            if part.relative_schema_path[0] == chosen:
                yield from _faults(part)


def _distinguishing_key(kind):
    return next(key for key, schema in kind["properties"].items() if "const" in schema)


def _is_known(key, schema):
    return key in schema.get("properties", ()) or any(
        re.search(pattern, key) for pattern in schema.get("patternProperties", ())
    )


def _unknown_key(path, key, schema):
    if "patternProperties" in schema:
        return f"{dotted((*path, key))} is not a possible name; allowed: {schema['propertyNames']['description']}"
    return (
        f"{dotted((*path, key))} is not a known key; allowed:"
        f" {among(schema['properties'])}{did_you_mean(key, schema['properties'])}"
    )


def _how_to_write(found, schema):
    """A hint where a number that would be allowed came as text."""
    try:
        number = Decimal(found.strip()) if isinstance(found, str) else None
    except InvalidOperation:
        return ""
    if number is None or not number.is_finite() or abs(number.adjusted()) > 30:
        return ""
    number = number.normalize()
    if not _Validator(schema).is_valid(int(number) if number == number.to_integral_value() else float(number)):
        return ""
    if "e" in found.lower():
        return f"; write {number:f} instead of {found.strip()}, which YAML reads as text"
    return f"; write {number:f} without quotes"


_TYPES = {
    "integer": "an integer",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "null": "null",
    "object": "a mapping",
}


def _allowed(schema):
    """What a schema allows, in words: ``a number above 0 and at most 1``."""
    if "const" in schema or "enum" in schema:
        return among(schema.get("enum") or [schema["const"]])
    if "oneOf" in schema:
        return "a mapping"
    if schema["type"] == "array":
        return _allowed_list(schema)
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    words = " or ".join(_TYPES[kind] for kind in types)
    if "multipleOf" in schema:
        words = words.replace("an integer", f"a multiple of {schema['multipleOf']}")
    if "minLength" in schema:
        words = words.replace("text", "text that is not empty")
    if "pattern" in schema:
        words += f" matching {schema['pattern']}"
    if "minProperties" in schema:
        words += " that is not empty"
    return words + _range(schema)


def _range(schema):
    if "minimum" in schema and "maximum" in schema:
        return f" from {schema['minimum']} to {schema['maximum']}"
    words = {"minimum": "of at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}
    limits = [f"{word} {schema[key]}" for key, word in words.items() if key in schema]
    return "".join(" " + limit if index == 0 else " and " + limit for index, limit in enumerate(limits))


def _allowed_list(schema):
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    if schema.get("title") == "choice":
        return f"{f'at least {least} ' if least else ''}different names, as a list or each with true or false"
    number = f"{least} to {most}" if most else f"at least {least}"
    once = "different " if schema.get("uniqueItems") else ""
    return f"a list of {number} {once}items, each {_allowed(schema['items'])}"
