"""From the choice of images to files of attacked ones: what the rules craft_* do."""

from pathlib import Path

import numpy as np
import torch

from weightspace.attacks.adversarial_files import SPLITS, AdversarialImages, origin
from weightspace.attacks.grey_attacks import WHITE, craft
from weightspace.data.raw_files import read_grey, read_labels
from weightspace.draws import attack_seed, attacked_images, stored_images
from weightspace.files import seed_of
from weightspace.networks.training import choose_device


def craft_files(attacked, raw_files, paths, settings):
    """Write one file of attacked images for each of the paths, ``{attack}/{source}/seed{seed}.npz``.

    Args:
        attacked: from a seed and clean images in [0, 1], a tensor (M, N), to the module that is attacked, or None where
            no method needs one.
        settings: by attack ``definitions``, ``images``, the number of test images, and ``stored``, that of stored ones;
            ``device``.
    """
    raw, device = Path(raw_files[0]).parent, choose_device(settings["device"])
    labels, grey = (
        {split: read_labels(raw, split) for split in SPLITS},
        {split: read_grey(raw, split) for split in SPLITS},
    )
    for path in paths:
        (attack, _), seed = origin(path), seed_of(path)
        chosen = choose_images(
            labels, seed=seed, tested=settings["images"][attack], stored=settings["stored"].get(attack, 0)
        )
        definition = settings["definitions"][attack]
        images = attack_images(
            lambda images, seed=seed: attacked(seed, images),
            grey,
            labels,
            chosen,
            definition,
            seed=attack_seed(attack, seed),
            device=device,
        )
        images.write(path)


def choose_images(labels, *, seed, tested, stored):
    """Positions of the images that are attacked: test images in random order, and the training images that memories of
    this seed store.

    Args: labels, by split. Returns: positions (m,) by split; fewer images are the first of more.
    """
    return {
        "test": attacked_images(len(labels["test"]), seed)[:tested],
        "train": stored_images(labels["train"], seed)[:stored],
    }


def attack_images(source, grey, labels, chosen, definition, *, seed, device="cpu"):
    """Attack the chosen images.

    Args:
        source: from clean images in [0, 1], a tensor (M, N), to the module that is attacked, or None where the method
            needs no model.
        grey: (n, N) uint8 and ``labels`` (n,) by split; ``chosen`` positions by split, `choose_images`.
        definition: see `grey_attacks.craft`.

    Returns:
        `AdversarialImages`.
    """
    clean = np.concatenate([grey[split][chosen[split]] for split in SPLITS])
    label = np.concatenate([labels[split][chosen[split]] for split in SPLITS]).astype(np.int64)
    module = source(torch.as_tensor(clean.astype(np.float32) / WHITE, device=device))
    return AdversarialImages(
        split=np.repeat(np.arange(len(SPLITS), dtype=np.uint8), [len(chosen[split]) for split in SPLITS]),
        index=np.concatenate([chosen[split] for split in SPLITS]),
        label=label,
        clean=clean,
        adversarial=craft(module, clean, label, definition, seed=seed, device=device),
        budget=np.array(definition["budgets"], dtype=np.float64),
        domain=definition["domain"],
        norm=definition["norm"],
    )
