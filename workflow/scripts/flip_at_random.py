"""Noise of equal size for all models: test patterns with randomly flipped bits, at every budget and for all seeds."""

import numpy as np

from weightspace.attacks.flip_files import FlippedPatterns, pack_patterns
from weightspace.attacks.flips import flip, random_flips
from weightspace.data.patterns import read_patterns
from weightspace.draws import attacked_images, generator
from weightspace.logs import start_log


def main(input, output, settings):
    data = read_patterns(input.patterns)
    index, fixed = [], []
    for seed in range(settings["seeds"]):
        index.append(attacked_images(len(data.test_labels), seed)[: settings["images"]])
        clean = data.test(index[-1])
        masks = random_flips(clean, settings["budgets"], generator=generator(seed, "random flips"))
        fixed.append(pack_patterns(np.stack([flip(clean, mask) for mask in masks])))
    index, fixed = np.stack(index), np.stack(fixed, axis=1)
    nothing = np.empty((0, *index.shape), dtype=np.int16)
    found = np.empty((0, *fixed.shape[1:]), dtype=np.uint8)
    FlippedPatterns(index, np.empty(0, dtype="U1"), nothing, found, np.array(settings["budgets"]), fixed).write(
        output[0]
    )


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
