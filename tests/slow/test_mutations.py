"""Random changes of the configuration's values, handed to Snakemake itself: each is planned, or refused in one
sentence; never a traceback.

WEIGHTSPACE_LONG=1 tries 500 instead of 12. (tests/configuration/test_checks.py does the same with the validation
alone.)
"""

import copy
import os
import random

import pytest
import yaml
from running import checkout, snakemake

from weightspace.configuration.checks import check_config
from weightspace.configuration.choices import load_configuration, with_lists
from weightspace.configuration.messages import ConfigError

TRIALS = 500 if os.environ.get("WEIGHTSPACE_LONG") else 12
SHIPPED = load_configuration()


def leaves(value, path=()):
    """Paths of all values that are no mappings, lists whole and item by item."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    else:
        yield path
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from leaves(item, (*path, index))


def other_value(value, draw):
    """A value like the given one, which may or may not be allowed."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return draw.choice([0, 1, 2, 3, value + 1, value * 2, -value, value * 1000])
    if isinstance(value, float):
        return draw.choice([0, value / 2, value * 2, -value, 1, float("inf")])
    if isinstance(value, list):
        lists = [[], value[:1], value[1:], value[::-1], value + value[:1]]
        if value and all(isinstance(item, str) for item in value):
            lists.append({item: draw.choice([True, True, False]) for item in value})
        return draw.choice(lists)
    return draw.choice([None, "other", 3, value, [value]])


def mutations():
    """Configurations with one to three changed values; most of them pass the validation, since only those reach the
    planning.
    """
    draw, paths = random.Random(0), list(leaves(SHIPPED))
    while True:
        config = copy.deepcopy(SHIPPED)
        for _ in range(draw.randint(1, 3)):
            path = draw.choice(paths)
            parent = config
            try:
                for step in path[:-1]:
                    parent = parent[step]
                parent[path[-1]] = other_value(parent[path[-1]], draw)
            except (KeyError, IndexError, TypeError):
                continue  # an earlier change has removed it
        try:
            check_config(with_lists(config))
        except ConfigError:
            if draw.random() < 0.85:
                continue
        yield config


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return checkout(tmp_path_factory.mktemp("mutations"))


def test_mutated_configurations_are_planned_or_refused(folder):
    planned = refused = 0
    for number, config in zip(range(TRIALS), mutations(), strict=False):
        (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
        done = snakemake(folder, "-n", "--quiet")
        said = done.stdout + done.stderr
        assert "Traceback" not in said, f"mutation {number}: {said[-3000:]}"
        if done.returncode == 0:
            planned += 1
        else:
            sentences = [line for line in said.splitlines() if line.startswith("Configuration refused: ")]
            assert len(sentences) == 1, f"mutation {number}: {said[-3000:]}"
            refused += 1
    print(f"{planned} mutations planned, {refused} refused")
    assert planned > TRIALS / 3
    assert refused > 0
