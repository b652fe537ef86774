"""Choose images that are adversarial for the network and show what each stage makes of them."""

import numpy as np

from weightspace.attacks.adversarial_files import AdversarialImages
from weightspace.attacks.examples import choose_examples
from weightspace.files import write_npz
from weightspace.loading import load
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    settings, paths = snakemake.params.settings, snakemake.input
    network, memory = load(paths.network), load(paths.memory, sweeps=settings["sweeps"])
    images = AdversarialImages.read(paths.adversarial)
    data = choose_examples(network, memory, images, budget=settings["budget"], threshold=settings["threshold"])
    names = {key: np.str_(settings[key]) for key in ("attack", "network", "memory")}
    write_npz(snakemake.output[0], **data, **names, seed=np.int64(0))
