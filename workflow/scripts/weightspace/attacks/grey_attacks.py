"""Attacks on grey images: from a choice of images and a model to files of attacked images, each within its budget and
rounded to the 8-bit levels of a real image.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64, Integer, UInt8

from weightspace.attacks.adversarial_files import SPLITS, AdversarialImages, origin
from weightspace.attacks.grey_methods import METHODS, MINIMAL
from weightspace.attacks.losses import Attacked, margins
from weightspace.data import WHITE, levels
from weightspace.data.raw_files import read_images, read_labels
from weightspace.draws import attack_seed, attacked_images, stored_images
from weightspace.files import seed_of
from weightspace.logs import progress
from weightspace.networks.training import choose_device

Definition = Mapping[str, Any]


# --- files
# ---------------------------------------------------------------------------------------


def craft_files(
    attacked: Callable[[int, torch.Tensor], Attacked | None],
    raw_files: Sequence[str | Path],
    paths: Iterable[str | Path],
    settings: Mapping[str, Any],
) -> None:
    """Write one file of attacked images for each of the paths, ``{attack}/{source}/seed{seed}.npz``.

    Args:
        attacked: from a seed and clean images in [0, 1], (M, N), to what is attacked, or None where no method needs it.
        settings: by attack ``definitions``, ``images``, the number of test images, and ``stored``, that of stored ones;
            ``device``.
    """
    raw, device = Path(raw_files[0]).parent, choose_device(settings["device"])
    labels = {split: read_labels(raw, split) for split in SPLITS}
    images = {split: read_images(raw, split) for split in SPLITS}
    grey = {split: found.reshape(len(found), -1) for split, found in images.items()}
    shape = images["test"].shape[1:]
    for path in paths:
        (attack, _), seed = origin(path), seed_of(path)
        tested, stored = settings["images"][attack], settings["stored"].get(attack, 0)
        chosen = choose_images(labels, seed=seed, tested=tested, stored=stored)
        clean = np.concatenate([grey[split][chosen[split]] for split in SPLITS])
        label = np.concatenate([labels[split][chosen[split]] for split in SPLITS]).astype(np.int64)
        module = attacked(seed, _grey_levels(clean, device))
        definition = settings["definitions"][attack] | {"shape": shape}
        if "pool" in definition:
            pool = stored_images(labels["train"], seed)[: definition["pool"]]
            guides = (_grey_levels(grey["train"][pool], device), _labels(labels["train"][pool], device))
            definition = {**definition, "guides": guides}
        AdversarialImages(
            split=np.repeat(np.arange(len(SPLITS), dtype=np.uint8), [len(chosen[split]) for split in SPLITS]),
            index=np.concatenate([chosen[split] for split in SPLITS]),
            label=label,
            clean=clean,
            adversarial=craft(module, clean, label, definition, seed=attack_seed(attack, seed), device=device),
            budget=np.array(definition["budgets"], dtype=np.float64),
            domain=definition["domain"],
            norm=definition["norm"],
        ).write(path)


def choose_images(
    labels: Mapping[str, Integer[np.ndarray, "_"]], *, seed: int, tested: int, stored: int
) -> dict[str, Int64[np.ndarray, "_"]]:
    """Positions of the images that are attacked, by split: test images in random order, and the training images that
    memories of this seed store; fewer images are the first of more.
    """
    return {
        "test": attacked_images(len(labels["test"]), seed)[:tested],
        "train": stored_images(labels["train"], seed)[:stored],
    }


# --- images
# ---------------------------------------------------------------------------------------


def craft(
    module: Attacked | None,
    grey: UInt8[np.ndarray, "M N"],
    labels: Integer[np.ndarray, "M"],
    definition: Definition,
    *,
    seed: int,
    device: str | torch.device = "cpu",
    batch: int = 1000,
) -> UInt8[np.ndarray, "K M N"]:
    """Attack every image at every budget of the definition.

    Args:
        definition: ``method``, ``norm``, ``budgets``, ``shape``, the images' height and width, where the method goes
            by rows and columns, and the method's own keys; of ``restarts``, each image keeps the one with the largest
            margin; ``guides``, images in [0, 1] and labels, tensors, for a method that has a pool.
        seed: fixes random starts.

    Returns:
        For each of the K budgets, the attacked images, successful or not.
    """
    # Both, because foolbox draws from either.
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    found = np.empty((len(definition["budgets"]), *grey.shape), dtype=np.uint8)
    for start in progress(range(0, len(grey), batch), what="batches attacked"):
        part = slice(start, start + batch)
        targets = _labels(labels[part], device)
        best = _attack(module, grey[part], targets, definition, device)
        if module is not None:  # which tells better from worse
            for _ in range(definition.get("restarts", 1) - 1):
                attacked = _attack(module, grey[part], targets, definition, device)
                best = _better(module, best, attacked, targets, device)
        found[:, part] = best
    return found


def _attack(
    module: Attacked | None,
    clean: UInt8[np.ndarray, "B N"],
    labels: Int64[torch.Tensor, "B"],
    definition: Definition,
    device: str | torch.device,
) -> UInt8[np.ndarray, "K B N"]:
    """One run at all budgets."""
    images, method = _grey_levels(clean, device), METHODS[definition["method"]]
    budgets, norm = definition["budgets"], definition["norm"]
    if definition["method"] in MINIMAL:
        nearest = method(module, images, labels, None, definition)
        attacked = [_stretched(images, nearest, budget, norm) for budget in budgets]
    else:
        attacked = [method(module, images, labels, budget, definition) for budget in budgets]
    moved = [found.detach().cpu().numpy() for found in attacked]
    return np.stack([rounded(found, clean, budget, norm) for found, budget in zip(moved, budgets, strict=True)])


def _stretched(
    images: Float[torch.Tensor, "B N"], found: Float[torch.Tensor, "B N"], budget: float, norm: str
) -> Float[torch.Tensor, "B N"]:
    """The change that was found, as long as the budget; past the boundary rather than on it, where rounding would undo
    it.
    """
    change = found - images
    size = change.abs().amax(1, keepdim=True) if norm == "linf" else change.norm(dim=1, keepdim=True)
    return (images + change * (budget / size.clamp(min=1e-12))).clamp(0, 1)


@torch.no_grad()
def _better(
    module: Attacked,
    first: UInt8[np.ndarray, "K B N"],
    second: UInt8[np.ndarray, "K B N"],
    labels: Int64[torch.Tensor, "B"],
    device: str | torch.device,
) -> UInt8[np.ndarray, "K B N"]:
    """Per budget and image, of two attacked images the one with the larger margin."""
    for row in range(len(first)):
        one, other = (margins(module(_grey_levels(grey[row], device)), labels) for grey in (first, second))
        gain = (other > one).cpu().numpy()
        first[row][gain] = second[row][gain]
    return first


def _grey_levels(grey: UInt8[np.ndarray, "B N"], device: str | torch.device) -> Float[torch.Tensor, "B N"]:
    return torch.as_tensor(grey.astype(np.float32) / WHITE, device=device)


def _labels(labels: Integer[np.ndarray, "B"], device: str | torch.device) -> Int64[torch.Tensor, "B"]:
    return torch.as_tensor(np.asarray(labels, dtype=np.int64), device=device)


def rounded(
    adversarial: Float[np.ndarray, "B N"], clean: UInt8[np.ndarray, "B N"], budget: float, norm: str = "linf"
) -> UInt8[np.ndarray, "B N"]:
    """Nearest 8-bit grey levels within the budget of the clean image.

    Args: adversarial in [0, 1]; budget as a share of full scale (linf) or in full scales (l2).

    Returns: images whose change is at most ``⌊255 · budget⌋`` levels in each pixel (linf) or 255 · budget in length
    (l2), so rounding never exceeds the budget: where an image of l2 would, its changes are rounded towards 0.
    """
    start = clean.astype(np.int16)
    if norm == "linf":
        reach = levels(budget)
        change = np.clip(np.rint(adversarial * WHITE).astype(np.int16) - start, -reach, reach)
    else:
        wanted = adversarial.astype(np.float64) * WHITE - start
        wanted *= np.minimum(1, budget * WHITE / np.maximum(np.linalg.norm(wanted, axis=1, keepdims=True), 1e-12))
        change = np.rint(wanted)
        over = np.linalg.norm(change, axis=1) > budget * WHITE
        change[over] = np.trunc(wanted[over])
        change = change.astype(np.int16)
    return np.clip(start + change, 0, WHITE).astype(np.uint8)
