"""How tests change the shipped configuration and read the sentence that refuses it."""

import pytest

from weightspace.configuration.choices import load_configuration
from weightspace.configuration.messages import ConfigError

SHIPPED = load_configuration()


def keys_of(path):
    return [int(key) if key.isdigit() else key for key in path.split(".")] if isinstance(path, str) else list(path)


def put(tree, path, value):
    """Set the value at a dotted path; lists are entered by number."""
    *parents, last = keys_of(path)
    for key in parents:
        tree = tree[key]
    tree[last] = value


def drop(tree, path):
    *parents, last = keys_of(path)
    for key in parents:
        tree = tree[key]
    del tree[last]


def refusal(check, *arguments):
    """The message with which ``check`` refuses, after making sure that it is one sentence on one short line."""
    with pytest.raises(ConfigError) as caught:
        check(*arguments)
    message = str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert message.isprintable()
    assert len(message) < 450
    assert message.count("allowed: ") == 1
    return message
