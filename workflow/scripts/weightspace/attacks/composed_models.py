"""Classifiers composed of trained models: recall before a network (claim C15), and heads on a network's hidden features
(claim C17).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int, Int8, Shaped
from torch import nn

from weightspace.classifier import Classifier, Formula, Labels, ToTensor
from weightspace.data.patterns import Patterns
from weightspace.draws import checked_bits, stored_images
from weightspace.loading import load
from weightspace.memories import learning_rules
from weightspace.memories.memory import AssociativeMemory, followed_by
from weightspace.memories.nearest_neighbour import NearestNeighbour
from weightspace.networks.architectures import MultilayerPerceptron
from weightspace.networks.torch_classifier import TorchClassifier

LINEAR_HEAD = 20_000  # training images whose features a linear head is fitted to
HEADS = ("linear", "nearest", "recall")


@dataclass(frozen=True)
class MemoryNetwork(Classifier):
    """Recall, then classify: a network that sees final states of a memory instead of images."""

    memory: AssociativeMemory
    network: TorchClassifier

    always_answers = True

    def predict(self, patterns: Shaped[np.ndarray, "B N"]) -> Labels:
        return self.network.predict(self.memory.recall(patterns).states)

    def scores(self, patterns: Shaped[np.ndarray, "B N"]) -> Float[np.ndarray, "B C"]:
        return self.network.scores(self.memory.recall(patterns).states)

    def stand_ins(self, tensor: ToTensor, sweep: Mapping[str, Any]) -> list[Formula]:
        classify = self.network.differentiable(tensor)
        return [followed_by(recall, classify) for recall in self.memory.smooth_recalls(tensor, sweep)]


@dataclass(frozen=True)
class FeatureHead(Classifier):
    """A ``head`` on the signs of a multilayer perceptron's last hidden layer, features of ±1: its own linear layer, the
    nearest pattern, or recall. All heads of a network see the same features.
    """

    network: MultilayerPerceptron
    head: TorchClassifier | NearestNeighbour | AssociativeMemory

    def predict(self, patterns: Shaped[np.ndarray, "B N"]) -> Labels:
        return self.head.predict(features(self.network, patterns))

    def scores(self, patterns: Shaped[np.ndarray, "B N"]) -> Float[np.ndarray, "B C"]:
        return self.head.scores(features(self.network, patterns))

    def differentiable(self, tensor: ToTensor) -> Formula | None:
        """The head after the hidden layers, whose tanh stands in for the sign that makes features of ±1."""
        scores = self.head.differentiable(tensor)
        return None if scores is None else followed_by(self.network.hidden, scores)

    def stand_ins(self, tensor: ToTensor, sweep: Mapping[str, Any]) -> list[Formula]:
        return [followed_by(self.network.hidden, scores) for scores in self.head.stand_ins(tensor, sweep)]


@torch.no_grad()
def features(network: MultilayerPerceptron, patterns: Shaped[np.ndarray, "B N"]) -> Int8[np.ndarray, "B H"]:
    """Signs of the last hidden layer; 0 counts as +1."""
    hidden = network.hidden(torch.as_tensor(np.asarray(patterns, dtype=np.float32)))
    return np.where(hidden.numpy() < 0, -1, 1).astype(np.int8)


def feature_head(
    network: MultilayerPerceptron,
    head: str,
    patterns: Shaped[np.ndarray, "P N"],
    labels: Int[np.ndarray, " P"],
    definition: Mapping[str, Any],
    *,
    seed: int,
) -> FeatureHead:
    """A head of one of the kinds `HEADS`, made from the features of ``patterns`` with ``labels``.

    linear is fitted to them, nearest and recall store them; ``definition`` is that of the memory of kind recall.
    """
    if head == "linear":
        return FeatureHead(network, TorchClassifier(linear_layer(features(network, patterns), labels)))
    stored, index = features(network, patterns), np.arange(len(labels))
    if head == "nearest":
        return FeatureHead(network, NearestNeighbour(stored, labels, index))
    trained = learning_rules.train(stored, labels, index, definition, generator=checked_bits(seed))
    return FeatureHead(network, trained.memory)


def linear_layer(stored: Int8[np.ndarray, "P H"], labels: Int[np.ndarray, " P"]) -> nn.Linear:
    """The linear classifier of features of ±1 with the least squared error against targets of ±1 (ridge 1, float64)."""
    inputs = np.concatenate([stored, np.ones((len(stored), 1))], axis=1, dtype=np.float64)
    targets = 2.0 * (labels[:, None] == np.arange(int(labels.max()) + 1)) - 1
    weights = np.linalg.solve(inputs.T @ inputs + np.eye(inputs.shape[1]), inputs.T @ targets)
    layer = nn.Linear(stored.shape[1], targets.shape[1])
    with torch.no_grad():
        layer.weight.copy_(torch.as_tensor(weights[:-1].T))
        layer.bias.copy_(torch.as_tensor(weights[-1]))
    return layer


def build(
    definition: Mapping[str, Any], *, seed: int, data: Patterns, paths: Mapping[str, str], sweeps: int
) -> Classifier:
    """The model of a definition: trained, or composed of trained ones and stored patterns.

    Args:
        definition: ``kind`` trained (``name``), stored (a memory that has nothing to learn: ``memory``, its
            definition), nearest_neighbour (``patterns``), memory_network (``memory`` and ``network``, definitions of
            this form) or features (``network``, ``head``, ``memory``).
        seed: of the models and the stored patterns.
        paths: name of a trained model to its file.
        sweeps: bound of recall.
    """
    kind = definition["kind"]

    def part(name: str) -> Any:
        return build(definition[name], seed=seed, data=data, paths=paths, sweeps=sweeps)

    if kind == "trained":
        return load(paths[definition["name"]], sweeps=sweeps)
    if kind == "memory_network":
        return MemoryNetwork(part("memory"), part("network"))
    if kind == "features" and definition["head"] == "linear":
        count = LINEAR_HEAD
    else:
        count = definition["patterns"] if kind == "nearest_neighbour" else definition["memory"]["patterns"]
    index = stored_images(data.train_labels, seed)[:count]
    patterns, labels = data.train(index), data.train_labels[index]
    if kind == "nearest_neighbour":
        return NearestNeighbour(patterns, labels, index)
    if kind == "stored":
        return learning_rules.train(patterns, labels, index, definition["memory"], generator=checked_bits(seed)).memory
    network = part("network").perceptron
    return feature_head(network, definition["head"], patterns, labels, definition["memory"], seed=seed)
