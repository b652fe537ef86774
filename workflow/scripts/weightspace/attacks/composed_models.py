"""Classifiers composed of trained models: recall before a network (claim C15), and heads on a network's hidden features
(claim C17).

Each offers ``predict(patterns) -> labels`` and ``scores(patterns) -> (B, C)`` like the models that it is made of.
"""

from dataclasses import dataclass

import numpy as np
import torch

from weightspace.draws import checked_bits
from weightspace.memories import learning_rules
from weightspace.memories.nearest_neighbour import NearestNeighbour

HEADS = ("linear", "nearest", "recall")


def overlap_scores(states, patterns, labels):
    """The largest overlap (B, C) of states (B, N) with a pattern of each class, of patterns (P, N) with ``labels``
    (P,).
    """
    overlaps = np.asarray(states, dtype=np.float32) @ patterns.T.astype(np.float32)  # (B, P), exact
    return np.stack([overlaps[:, labels == label].max(axis=1) for label in range(int(labels.max()) + 1)], axis=1)


@dataclass(frozen=True)
class NearestScores:
    """A nearest neighbour, or a classifier with ``patterns`` and ``labels`` that answers like one, with overlaps as
    scores.
    """

    model: object

    def predict(self, patterns):
        return self.model.predict(patterns)

    def scores(self, patterns):
        return overlap_scores(patterns, self.model.patterns, self.model.labels)


@dataclass(frozen=True)
class RecalledScores:
    """A memory with scores: the largest overlaps of the final state by class, of which ``predict`` takes the
    largest.
    """

    memory: object

    def predict(self, patterns):
        return self.memory.predict(patterns)

    def scores(self, patterns):
        return overlap_scores(self.memory.recall(patterns).states, self.memory.patterns, self.memory.labels)


@dataclass(frozen=True)
class MemoryNetwork:
    """Recall, then classify: a network that sees final states of a memory instead of images."""

    memory: object
    network: object

    def predict(self, patterns):
        return self.network.predict(self.memory.recall(patterns).states)

    def scores(self, patterns):
        return self.network.logits(self.memory.recall(patterns).states)


@dataclass(frozen=True)
class FeatureHead:
    """A head on the signs of a network's last hidden layer, features of ±1: the network's own linear layer, nearest
    pattern or recall.

    ``head`` is None for the linear one, else a classifier of features. All heads of a network see the same features.
    """

    network: object
    head: object = None

    def features(self, patterns):
        """Signs (B, H) int8 of the last hidden layer; 0 counts as +1."""
        with torch.no_grad():
            hidden = hidden_layers(self.network.module, torch.as_tensor(np.asarray(patterns, dtype=np.float32)))
        return np.where(hidden.numpy() < 0, -1, 1).astype(np.int8)

    def predict(self, patterns):
        features = self.features(patterns)
        return self._linear(features).argmax(axis=1) if self.head is None else self.head.predict(features)

    def scores(self, patterns):
        features = self.features(patterns)
        return self._linear(features) if self.head is None else self.head.scores(features)

    def _linear(self, features):
        with torch.no_grad():
            return self.network.module.layers[-1](torch.as_tensor(features, dtype=torch.float32)).numpy()


def hidden_layers(module, inputs):
    """Activations (B, H) of the last hidden layer of a `architectures.MultilayerPerceptron`."""
    for layer in module.layers[:-1]:
        inputs = module.activation(layer(inputs))
    return inputs


def feature_head(network, head, patterns, labels, definition, *, seed):
    """A `FeatureHead` of kind ``head``, one of `HEADS`; nearest and recall store the features of ``patterns`` (P, N)
    with ``labels`` (P,).

    ``definition`` is that of the memory of kind recall, trained on the features.
    """
    plain = FeatureHead(network)
    if head == "linear":
        return plain
    stored = plain.features(patterns)
    if head == "nearest":
        return FeatureHead(network, NearestScores(NearestNeighbour(stored, labels, np.arange(len(labels)))))
    trained = learning_rules.train(stored, labels, np.arange(len(labels)), definition, generator=checked_bits(seed))
    return FeatureHead(network, RecalledScores(trained.memory))
