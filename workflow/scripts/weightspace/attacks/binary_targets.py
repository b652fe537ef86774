"""What is attacked in the binary domain: every model as one `Target`, with what each kind of attack may know of it."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from weightspace.attacks.composed_models import (
    FeatureHead,
    MemoryNetwork,
    NearestScores,
    RecalledScores,
    feature_head,
    hidden_layers,
)
from weightspace.attacks.flips import neighbours_by_prediction
from weightspace.attacks.smooth_recall import ClassOverlaps, unrolled
from weightspace.draws import checked_bits, stored_images
from weightspace.loading import load
from weightspace.memories import learning_rules
from weightspace.memories.nearest_neighbour import NearestNeighbour
from weightspace.networks.architectures import MultilayerPerceptron


@dataclass(frozen=True)
class Target:
    """A model under attack.

    ``predict(patterns)`` and ``scores(patterns)`` are the model's own; ``neighbours(images)`` gives the labels (B, N)
    of all single flips. ``exact`` is its differentiable module, None for a model that has no gradients;
    ``smooth(steps=, steepness=)`` then makes a stand-in.
    """

    predict: object
    scores: object
    neighbours: object
    exact: nn.Module | None = None
    smooth: object = None

    def surrogates(self, sweep):
        """Modules to take gradients of: the model itself, or one stand-in for each setting of the sweep {steps,
        steepness}.

        Without a step there is no recall, and nothing to be steep: one stand-in, of the read-out alone.
        """
        if self.exact is not None:
            return [self.exact]
        settings = [
            (steps, steepness) for steps in sweep["steps"] for steepness in sweep["steepness"][: None if steps else 1]
        ]
        return [self.smooth(steps=steps, steepness=steepness) for steps, steepness in settings]


class Chain(nn.Module):
    """Modules one after the other, whatever their inputs are."""

    def __init__(self, *parts):
        super().__init__()
        self.parts = nn.ModuleList(parts)

    def forward(self, inputs):
        for part in self.parts:
            inputs = part(inputs)
        return inputs


class HiddenLayers(nn.Module):
    """The hidden part of a multilayer perceptron, whose tanh stands in for the sign that makes features of ±1."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, inputs):
        return hidden_layers(self.module, inputs)


def target(model):
    """The `Target` of a loaded or composed model."""
    if isinstance(model, FeatureHead):
        return _of_head(model)
    if isinstance(model, MemoryNetwork):
        return _stood_in(model, model.memory, model.network.module)
    if isinstance(model, NearestNeighbour):
        return _with_gradients(NearestScores(model), ClassOverlaps(model.patterns, model.labels))
    if getattr(model, "recall", None) is not None:
        return _stood_in(RecalledScores(model), model, ClassOverlaps(model.patterns, model.labels))
    neighbours = (
        first_layer_neighbours(model.module)
        if isinstance(model.module, MultilayerPerceptron)
        else neighbours_by_prediction(model.predict)
    )
    return Target(model.predict, model.logits, neighbours, exact=model.module)


def _with_gradients(model, module):
    return Target(model.predict, model.scores, neighbours_by_prediction(model.predict), exact=module)


def _stood_in(model, memory, after):
    def smooth(**setting):
        return Chain(unrolled(memory, **setting), after)

    return Target(model.predict, model.scores, neighbours_by_prediction(model.predict), smooth=smooth)


def _of_head(model):
    hidden, head = HiddenLayers(model.network.module), model.head
    if head is None:
        return _with_gradients(model, model.network.module)
    if isinstance(head, NearestScores):
        return _with_gradients(model, Chain(hidden, ClassOverlaps(head.model.patterns, head.model.labels)))

    def smooth(**setting):
        return Chain(hidden, unrolled(head.memory, **setting), ClassOverlaps(head.memory.patterns, head.memory.labels))

    return Target(model.predict, model.scores, neighbours_by_prediction(model.predict), smooth=smooth)


def first_layer_neighbours(module):
    """Labels of all single flips of a multilayer perceptron: a flip moves the first layer's sums by one column, so only
    what follows is computed.
    """

    @torch.no_grad()
    def labels_of_neighbours(images):
        first, inputs = module.layers[0], torch.as_tensor(np.asarray(images, dtype=np.float32))
        found = np.empty(images.shape, dtype=np.int64)
        for row, (image, sums) in enumerate(zip(inputs, first(inputs), strict=True)):
            values = sums - 2 * image[:, None] * first.weight.T  # (N, H)
            for layer in module.layers[1:]:
                values = layer(module.activation(values))
            found[row] = values.argmax(1).numpy()
        return found

    return labels_of_neighbours


def build(definition, *, seed, data, paths, sweeps):
    """The model of a definition: trained, or composed of trained ones and stored patterns.

    Args:
        definition: ``kind`` trained (``name``), stored (a memory that has nothing to learn: ``memory``, its
            definition), nearest_neighbour (``patterns``), memory_network (``memory`` and ``network``, definitions of
            this form) or features (``network``, ``head``, ``memory``).
        seed: of the models and the stored patterns.
        data: `patterns.Patterns`.
        paths: name of a trained model to its file.
    """
    kind = definition["kind"]

    def part(name):
        return build(definition[name], seed=seed, data=data, paths=paths, sweeps=sweeps)

    if kind == "trained":
        return load(paths[definition["name"]], sweeps=sweeps)
    if kind == "memory_network":
        return MemoryNetwork(part("memory"), part("network"))
    count = definition["patterns"] if kind == "nearest_neighbour" else definition["memory"]["patterns"]
    index = stored_images(data.train_labels, seed)[:count]
    patterns, labels = data.train(index), data.train_labels[index]
    if kind == "nearest_neighbour":
        return NearestNeighbour(patterns, labels, index)
    if kind == "stored":
        return learning_rules.train(patterns, labels, index, definition["memory"], generator=checked_bits(seed)).memory
    return feature_head(part("network"), definition["head"], patterns, labels, definition["memory"], seed=seed)


def paths_by_seed(files, names, seeds):
    """Model files, all seeds of the first of ``names``, then of the next, as one dict name to file for each of
    ``seeds`` seeds.
    """
    return [{name: files[place * seeds + seed] for place, name in enumerate(names)} for seed in range(seeds)]
