"""What is shipped passes, and any single change passes or is refused in one sentence."""

import copy
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refusals import SHIPPED
from running import ROOT

from weightspace.configuration.checks import check_config
from weightspace.configuration.choices import load_configuration
from weightspace.configuration.messages import ConfigError


def test_shipped_config_passes_and_is_left_as_it_was(config):
    check_config(config)
    assert config == SHIPPED


@pytest.mark.parametrize("path", ["config/full.yaml", "config/confirm.yaml", "tests/config.yaml"])
def test_shipped_overrides_pass(path):
    check_config(load_configuration(ROOT / path))


def test_import_is_light():
    code = (
        "import sys, weightspace.configuration.checks; print([name for name in ('numpy', 'pandas', 'torch', 'scipy') if"
        " name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow/scripts")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def every_path(tree, path=()):
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in pairs:
        yield (*path, key)
        yield from every_path(value, (*path, key))


# Integers of 5000 digits come as map() because hypothesis could not print them.
huge = st.integers(20, 5000).map(lambda digits: 10**digits)


numbers = st.one_of(st.integers(), st.floats(), huge, st.sampled_from([0, 1, 2, 0.5, 40]))


texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["1e-3", "1E400", "0x10", "iterative", "mnist", "tanh_mlp", "hebbian_40", "a" * 300]),
)


scalars = st.one_of(st.none(), st.booleans(), numbers, texts, st.dates(), st.binary(max_size=3))


keys = st.one_of(
    texts, st.integers(), st.booleans(), st.none(), st.sampled_from(["rule", "patterns", "margin", "method", "seeds"])
)


values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=6
)


@settings(max_examples=200, deadline=None)
@given(
    path=st.sampled_from(list(every_path(SHIPPED))),
    how=st.sampled_from(["replace", "add", "remove", "rename"]),
    key=keys,
    value=values,
)
def test_any_single_change_passes_or_is_refused_in_one_sentence(path, how, key, value):
    config = copy.deepcopy(SHIPPED)
    parent = config
    for step in path[:-1]:
        parent = parent[step]
    if how == "replace" or (isinstance(parent, list) and how != "remove"):
        parent[path[-1]] = value
    elif how == "add":
        parent[key] = value
    else:
        moved = parent.pop(path[-1])
        if how == "rename":
            parent[key] = moved
    try:
        check_config(config)
    except ConfigError as error:
        message = str(error)
        assert message.isprintable()
        assert message.count("allowed: ") == 1
        assert len(message) < 600
