"""Learning rules of memories by name: one function each, from patterns to weights, and one entry in `RULES`."""

import dataclasses

import pandas as pd

from weightspace import hopfield


def learn_hebbian(patterns, definition, *, generator):
    """Hebbian weights; its history is the single state before any correction."""
    # Iterative learning starts from the Hebbian matrix, so no pass at all is the Hebbian rule with the same record.
    return learn_iterative(patterns, {**definition, "margin": 0, "flip_share": 1, "passes": 0}, generator=generator)


def learn_iterative(patterns, definition, *, generator):
    """Iterative learning with the definition's margin, flip share and number of passes."""
    records = []
    weights = hopfield.iterative(
        patterns,
        margin=definition["margin"],
        flip_share=definition["flip_share"],
        passes=definition["passes"],
        generator=generator,
        on_pass=records.append,
    )
    return weights, records


RULES = {"hebbian": learn_hebbian, "iterative": learn_iterative}


def learn(patterns, definition, *, generator):
    """Train by ``definition["rule"]``.

    Returns: weights M (N, N) int32, the history (one row per pass, columns of `hopfield.LearningPass`), and the `hopfield.Certificate`.
    """
    weights, records = RULES[definition["rule"]](patterns, definition, generator=generator)
    history = pd.DataFrame([dataclasses.asdict(record) for record in records]).rename(columns={"number": "pass"})
    return weights, history, hopfield.certify(weights, patterns, margin=definition.get("margin", 0))
