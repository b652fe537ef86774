"""From grey levels to bits: a pixel is 1 where its grey level is above a share of full scale."""

import numpy as np

from weightspace.data.patterns import Patterns, pack, save_patterns
from weightspace.data.raw import read_images, read_labels
from weightspace.files import FileError


def binarise(images, *, threshold):
    """Bits (n, N) bool of images (n, ...): True where the grey level is above ``threshold`` times full scale, False
    where it is equal.

    Full scale is 255 for uint8 images and 1 for floating-point images, so that adversarial images in [0, 1] and the
    files they came from are binarised alike.

    Raises:
        TypeError: the images are neither uint8 nor floating-point.
        ValueError: the threshold, or a floating-point grey level, lies outside [0, 1].
    """
    images = np.asarray(images)
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is {threshold}; allowed: 0 to 1")
    if images.dtype == np.uint8:
        scale = 255
    elif np.issubdtype(images.dtype, np.floating):
        scale = 1
        if not ((images >= 0) & (images <= 1)).all():
            raise ValueError(
                f"grey levels span {images.min()} to {images.max()}; allowed for floating-point images: 0 to 1"
            )
    else:
        raise TypeError(f"images are {images.dtype}; allowed: uint8 or floating-point")
    return images.reshape(len(images), -1) > threshold * scale


def write_patterns(raw_folder, path, *, threshold):
    """Binarise the four raw files of ``raw_folder`` and write them to ``path`` as `patterns.Patterns`.

    Raises:
        FileError: a raw file is missing or damaged, or images and labels do not fit each other.
    """
    packed, labels, shapes = {}, {}, {}
    for split in ("train", "test"):
        images, labels[split] = read_images(raw_folder, split), read_labels(raw_folder, split)
        if len(images) != len(labels[split]):
            raise FileError(
                f"{raw_folder}: found {len(images)} {split} images and {len(labels[split])} labels, expected as many of"
                " each"
            )
        packed[split], shapes[split] = pack(binarise(images, threshold=threshold)), images.shape[1:]
    if shapes["train"] != shapes["test"]:
        raise FileError(
            f"{raw_folder}: found training images of shape {shapes['train']} and test images of shape {shapes['test']},"
            " expected one shape"
        )
    save_patterns(path, Patterns(packed["train"], packed["test"], labels["train"], labels["test"], shapes["train"]))
