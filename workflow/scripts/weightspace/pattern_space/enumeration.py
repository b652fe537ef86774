"""Every one of the 2^N patterns classified, and the parts of the pattern space counted exactly."""

from collections.abc import Mapping
from typing import cast

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int8, Shaped, UInt32

from weightspace.classifier import ANSWER, Classifier
from weightspace.data import MOST_CLASSES, hypercube
from weightspace.data.labelled_images import LabelledImages
from weightspace.memories.memory import READOUTS, AssociativeMemory
from weightspace.memories.recall import Recall
from weightspace.pattern_space import EXACT, KINDS
from weightspace.pattern_space.partition import count_shells, kind_map
from weightspace.retrieval import attractors

Answers = dict[str, Int8[np.ndarray, " all"]]  # by read-out, of all 2^N patterns in the order of their codes
Graph = tuple[UInt32[np.ndarray, " all"], Bool[np.ndarray, " all"]]  # `attractors.ends_of_all_states`
LARGEST_MAP = 16  # bits of a space that is kept pattern by pattern, for a picture


class Space:
    """All patterns of N bits around one set of labelled images.

    Args: images; largest, the number of bits up to which all patterns are visited.

    Raises:
        hypercube.TooLarge: the images have more bits.
    """

    def __init__(self, images: LabelledImages, *, largest: int) -> None:
        hypercube.check_size(images.size, largest)
        self.images = images
        self.size = images.size
        self.codes = hypercube.codes_of(images.patterns)
        self.nearest = hypercube.nearest_to_all(self.codes, images.masks, self.size)

    def count(self, answers: Int8[np.ndarray, " all"], learnt: Bool[np.ndarray, " M"]) -> pd.DataFrame:
        """`partition.count_shells` as rows: distance, kind, labels ("one" or "several" among the nearest images), hits,
        the exact count, and guarantee.
        """
        counts = count_shells(answers, self.nearest, self.codes, learnt)
        reached = range(int(self.nearest[0].max()) + 1)
        rows = [
            (d, kind, labels, int(counts[d, k, s]))
            for d in reached
            for k, kind in enumerate(KINDS)
            for s, labels in enumerate(("one", "several"))
        ]
        return pd.DataFrame(rows, columns=["distance", "kind", "labels", "hits"]).assign(guarantee=EXACT)

    def map(self, answers: Int8[np.ndarray, " all"], learnt: Bool[np.ndarray, " M"]) -> Int8[np.ndarray, " all"]:
        """`partition.kind_map`."""
        return kind_map(answers, self.nearest, self.codes, learnt)


def answers_to_all(classifier: Classifier, size: int, *, device: str = "cpu") -> tuple[Answers, Graph | None]:
    """What a classifier answers to every pattern, -1 for no answer; and for a memory where recall ends, else None."""
    if classifier.recall is not None:
        memory = cast(AssociativeMemory, classifier)
        graph = attractors.ends_of_all_states(memory)
        return {readout: _read_ends(memory, readout, *graph) for readout in READOUTS}, graph
    from weightspace.pattern_space import network_answers  # here, because memories need no PyTorch

    if classifier.perceptron is not None:
        return {ANSWER: network_answers.labels_of_all(classifier.perceptron, size, device=device)}, None
    return {ANSWER: network_answers.labels_by_blocks(classifier, size)}, None


def _read_ends(memory, readout, ends, settled):
    """Labels (2^N,) int8, read off the ends once for each and not for each start."""
    places = np.flatnonzero(attractors.count_ends(ends))
    states = hypercube.patterns_of(places, memory.patterns.shape[1])
    labels = np.full(len(ends), -1, dtype=np.int8)
    uncounted = np.zeros(len(places), dtype=np.int64)
    recalled = Recall(states, settled[places], uncounted, uncounted, ~settled[places])
    # Labels that no image can bear are all the same, as none of them is right.
    labels[places] = np.minimum(memory.read(recalled, readout), MOST_CLASSES)
    return labels[ends]


def count_models(
    space: Space, models: Mapping[str, Classifier], *, device: str = "cpu"
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Shaped[np.ndarray, "..."]]]:
    """Count the parts for every model, and the basins of every memory.

    Returns:
        Rows of `Space.count` with the columns model and readout; rows of basins with the columns model, kind,
        attractors (how many of that kind), states (how many of the 2^N end in them) and largest (the largest basin);
        and for spaces of few bits what a picture needs, else an empty dict: arrays ``{model}/{readout}``, the kind of
        each pattern, and ``{model}/ends``.
    """
    parts, basins, maps = [], [], {}
    for name, classifier in models.items():
        answers, graph = answers_to_all(classifier, space.size, device=device)
        learnt = space.images.learnt_by(classifier)
        for readout, labels in answers.items():
            parts.append(space.count(labels, learnt).assign(model=name, readout=readout))
            if space.size <= LARGEST_MAP:
                maps[f"{name}/{readout}"] = space.map(labels, learnt)
        if graph is not None:
            found = attractors.describe(cast(AssociativeMemory, classifier), *graph)
            basins.append(_sum_basins(found).assign(model=name))
            if space.size <= LARGEST_MAP:
                maps[f"{name}/ends"], maps[f"{name}/attractors"] = graph[0], found.code.to_numpy()
                maps[f"{name}/attractor_kinds"] = found.kind.to_numpy().astype("U12")
    header = pd.DataFrame(columns=["kind", "attractors", "states", "largest", "model"])  # where there is no memory
    return pd.concat(parts, ignore_index=True), pd.concat(basins, ignore_index=True) if basins else header, maps


def _sum_basins(found):
    kinds = found.groupby("kind").basin.agg(attractors="size", states="sum", largest="max")
    return kinds.reindex(attractors.KINDS, fill_value=0).reset_index()
