"""Random draws: what is drawn where, and that no purpose is spelt twice."""

import ast
from collections import Counter
from pathlib import Path

import numpy as np

from weightspace.draws import attacked_images, generator, stored_images

SCRIPTS = Path(__file__).parents[1] / "workflow/scripts"


def purposes(path):
    """First words of what the calls of `generator` and `seed_for` in a file draw."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"generator", "seeded", "seed_for"}:
            purpose = node.args[1]
            yield purpose.values[0].value if isinstance(purpose, ast.JoinedStr) else getattr(purpose, "value", None)


def test_no_purpose_is_spelt_twice():
    # Else a slip of the pen would draw other images for one of two results that are compared.
    found = Counter(purpose for path in SCRIPTS.rglob("*.py") for purpose in purposes(path))
    del found[None]  # `generator` itself hands on what it got
    assert len(found) > 30
    assert [purpose for purpose, times in found.items() if times > 1] == []


def test_a_draw_depends_on_seed_purpose_and_index():
    first = [generator(0, "a").random(), generator(1, "a").random(), generator(0, "b").random()]
    assert len({*first, generator(0, "a", 0).random(), generator(0, "a", 1).random()}) == 5
    assert generator(0, "a", 1).random() == generator(0, "a", 1).random()


def test_stored_images_are_balanced_and_nested():
    labels = np.random.default_rng(0).permutation(np.arange(500) % 10)
    order = stored_images(labels, 5)
    assert sorted(order) == list(range(len(labels)))
    for count in (10, 40, 100):
        assert (np.bincount(labels[order[:count]]) == count // 10).all()
    assert (stored_images(labels, 6) != order).any()


def test_attacked_images_are_all_test_images_once():
    assert sorted(attacked_images(50, 3)) == list(range(50))
