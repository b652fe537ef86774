"""The images on which a network is trained and tested, as tensors: binarised patterns or scaled grey levels."""

import torch

from weightspace.data.patterns import read_patterns
from weightspace.data.raw import read_grey, read_labels
from weightspace.networks.architectures import scaled_grey


def read_binary(path):
    """Training and test set from ``patterns.npz``: two pairs of images (n, N) float32 of ±1 and labels (n,) int64."""
    patterns = read_patterns(path)
    return _pair(patterns.train(), patterns.train_labels), _pair(patterns.test(), patterns.test_labels)


def read_scaled_grey(raw_folder):
    """Training and test set from the raw files: two pairs of images (n, N) float32 in -1 ... 1 and labels (n,)
    int64.
    """
    return tuple(
        _pair(scaled_grey(read_grey(raw_folder, split)), read_labels(raw_folder, split)) for split in ("train", "test")
    )


def _pair(images, labels):
    return torch.as_tensor(images, dtype=torch.float32), torch.as_tensor(labels, dtype=torch.int64)


def with_random_labels(pair, *, generator):
    """The same images with labels that say nothing about them: the labels of all, permuted. For controls."""
    images, labels = pair
    return images, labels[torch.as_tensor(generator.permutation(len(labels)))]
