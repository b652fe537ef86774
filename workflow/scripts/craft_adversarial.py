"""Attack one network with one attack: test images, and all training images that the memories of the same seed store."""

from pathlib import Path

import numpy as np

from weightspace.adversarial_files import SPLITS, AdversarialImages
from weightspace.attacks import craft
from weightspace.logs import start_log
from weightspace.networks import Network
from weightspace.raw import read_grey, read_labels
from weightspace.seeding import generator, seed_for
from weightspace.stored import choose_stored
from weightspace.training import choose_device

if __name__ == "__main__":
    start_log(snakemake)
    settings, seed = snakemake.params.settings, int(snakemake.wildcards.seed)
    raw = Path(snakemake.input.raw[0]).parent
    labels = {split: read_labels(raw, split) for split in SPLITS}
    chosen = {
        "test": generator(seed, "attacked test images").permutation(len(labels["test"]))[: settings["test_images"]],
        "train": choose_stored(labels["train"], generator=generator(seed, "stored patterns"))[: settings["stored_images"]],
    }
    clean = np.concatenate([read_grey(raw, split, chosen[split]) for split in SPLITS])
    label = np.concatenate([labels[split][chosen[split]] for split in SPLITS]).astype(np.int64)
    network = Network.load(snakemake.input.model)
    definition = settings["definition"]
    purpose = f"attack {snakemake.wildcards.attack}"
    adversarial = craft(network, clean, label, definition, seed=seed_for(seed, purpose), device=choose_device(settings["device"]))
    AdversarialImages(
        split=np.repeat(np.arange(len(SPLITS), dtype=np.uint8), [len(chosen[split]) for split in SPLITS]),
        index=np.concatenate([chosen[split] for split in SPLITS]),
        label=label,
        clean=clean,
        adversarial=adversarial,
        budget=np.array(definition["budgets"], dtype=np.float64),
    ).write(snakemake.output[0])
