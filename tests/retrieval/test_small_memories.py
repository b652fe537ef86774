"""Small memories are followed whole."""

import numpy as np
import pytest
from made_memories import HEBBIAN, ITERATIVE

from weightspace.memories import hopfield
from weightspace.retrieval import attractors, small_memories
from weightspace.retrieval.small_memories import follow_small_memories


def test_small_memories_of_every_rule_are_followed_whole(mnist_patterns):
    rules = {"one": HEBBIAN, "other": ITERATIVE | {"margin": 1}}
    found = follow_small_memories(rules, mnist_patterns, neurons=8, digits=(3, 3), stored=[1, 3], seeds=2)
    states = found.groupby(["rule", "data", "neurons", "stored", "seed"]).basin.sum()
    assert len(states) == 16
    assert set(
        zip(states.index.get_level_values("data"), states.index.get_level_values("neurons"), states, strict=True)
    ) == {
        ("random", 8, 256),
        ("digits", 9, 512),
    }
    table = attractors.summarise(found)
    shares = table[table.quantity == "share_of_states"].groupby(["rule", "data", "stored"]).estimate.sum()
    assert shares.tolist() == pytest.approx([1.0] * 8)
    one = found[(found.rule == "other") & (found.data == "digits") & (found.stored == 3) & (found.kind == "stored")]
    row = table[
        (table.rule == "other") & (table.data == "digits") & (table.stored == 3) & (table.kind == "stored")
    ].set_index("quantity")
    assert row.loc["attractors"].estimate == len(one) / 2
    assert row.loc["share_of_states"].estimate == pytest.approx(one.basin.sum() / 1024)


def test_small_network_ends_where_brute_force_ends():
    patterns = np.array([[1, 1, -1, -1, 1, -1], [1, -1, 1, -1, -1, -1]], dtype=np.int8)
    data = small_memories.follow_small_network(patterns, np.array([3, 8]), margin=0)
    assert len(data["states"]) == 64
    fixed = []
    for state in data["states"].astype(int):
        field = data["weights"].astype(int) @ state
        fixed.append(all(f == 0 or (f > 0) == (s > 0) for f, s in zip(field, state, strict=True)))
    assert data["fixed"].tolist() == fixed
    assert data["fixed"][data["target"]].all()
    for pattern in patterns:
        row = int(np.flatnonzero((data["states"] == pattern).all(axis=1))[0])
        assert data["fixed"][row]
        assert data["kind"][row] == small_memories.STORED
    assert data["energy"] == pytest.approx(hopfield.energy(data["weights"], data["states"]))
