"""Choose images that are adversarial for the network and show what each stage makes of them."""

import numpy as np

from weightspace.attacks.adversarial_files import AdversarialImages
from weightspace.data.patterns import read_patterns
from weightspace.files import write_npz
from weightspace.loading import load
from weightspace.logs import start_log
from weightspace.robustness.examples import choose_examples


def main(input, output, settings):
    network, memory = load(input.network), load(input.memory, sweeps=settings["sweeps"])
    images = AdversarialImages.read(input.adversarial)
    data = choose_examples(network, memory, images, budget=settings["budget"], threshold=settings["threshold"])
    names = {key: np.str_(settings[key]) for key in ("attack", "network", "memory")}
    write_npz(output[0], **data, **names, shape=read_patterns(input.patterns).shape, seed=np.int64(0))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
