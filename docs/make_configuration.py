"""Write docs/configuration.md from the schema and the shipped configuration: ``python docs/make_configuration.py``. A
test keeps the page current.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow/scripts"))
from weightspace.configuration.choices import load_configuration
from weightspace.configuration.schema import allowed_values, load_schema

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("configuration.md")
HEAD = """# Configuration

Every key of `config.yaml` and of `config/catalogue.yaml`: what it means, what is allowed, and what is shipped. Written
by `python docs/make_configuration.py` from `workflow/schemas/config.schema.yaml`, against which each start checks the
configuration.

A file of your own (`--configfile mine.yaml`) is laid over these: mappings are merged key by key, lists and single
values replace. What is chosen, such as `run.memories`, is shipped as names with true or false: `run: {memories: {mine:
true}}` adds a memory, `{hebbian_40: false}` takes one out, and a list of names is all that is run. No key may be
missing
and none is ignored: a typo is refused in one sentence, and so is a key that a file gives twice. Write 0.001, not 1e-3,
which YAML reads as text.
"""
LONGEST = 60  # characters of a shipped value; the files have the longer ones


def page(schema, shipped):
    """The whole page, Markdown."""
    parts, seen = [HEAD, " · ".join(f"[{key}](#{key})" for key in schema["properties"]) + "\n"], set()
    for key, section in schema["properties"].items():
        parts += [f"## {key}\n", section["description"] + "\n"]
        rows, kinds = list(_rows(section, (), [shipped[key]])), list(_kinds(section, shipped[key], seen))
        if rows:
            parts.append(_table(rows))
        elif not kinds:
            parts.append(f"Allowed: {allowed_values(section)}. Shipped: {_shown([shipped[key]])}.\n")
        parts += kinds
    return "\n".join(parts)


def _rows(schema, path, values):
    """Rows (key, allowed, shipped, meaning) of a mapping and of those within it; ``values`` are what is shipped at its
    place, by name if by name.
    """
    for key, part in schema.get("properties", {}).items():
        found = [value[key] for value in values if isinstance(value, dict) and key in value]
        yield from _row(part, (*path, key), found)
    for part in schema.get("patternProperties", {}).values():
        named = [value for mapping in values for value in mapping.values()]
        if "oneOf" not in part:
            yield from _row(part, (*path, "NAME"), named)


def _row(part, path, values):
    inner, items = part if "properties" in part or "patternProperties" in part else None, part.get("items", {})
    shown = "" if inner or "properties" in items else _shown(values)
    yield ".".join(path), "a mapping" if inner else allowed_values(part), shown, part["description"]
    if inner:
        yield from _rows(inner, path, values)
    elif "properties" in items:
        yield from _rows(items, (*path[:-1], path[-1] + "[]"), [item for value in values for item in value])


def _kinds(schema, shipped, seen):
    """A table for each kind of a definition, such as each learning rule, at the first place where such definitions
    are.
    """
    for key, part in schema.get("properties", {}).items():
        if isinstance(shipped, dict) and isinstance(shipped.get(key), dict):
            yield from _kinds(part, shipped[key], seen)
    for part in schema.get("patternProperties", {}).values():
        for kind in part.get("oneOf", []):
            named = next((key, schema["const"]) for key, schema in kind["properties"].items() if "const" in schema)
            if named in seen:
                continue
            seen.add(named)
            made = {name: definition for name, definition in shipped.items() if definition[named[0]] == named[1]}
            yield f"### {named[0]}: {named[1]}\n"
            yield kind["description"] + (
                f" Shipped: {', '.join(f'`{name}`' for name in made)}.\n" if made else " None is shipped.\n"
            )
            yield _table(list(_rows(kind, (), list(made.values()))))


def _shown(values):
    """What is shipped: the value, or the different ones of several definitions."""
    different = list(dict.fromkeys(json.dumps(value) for value in values))
    words = ", ".join(f"`{value}`" for value in different[:6]) + (", …" if len(different) > 6 else "")
    return words if len(words) <= LONGEST else "see the file"


def _table(rows):
    cells = [("key", "allowed", "shipped", "meaning"), ("---",) * 4]
    cells += [(f"`{key}`", allowed, shown, meaning) for key, allowed, shown, meaning in rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(load_schema(), load_configuration()), encoding="utf-8")
