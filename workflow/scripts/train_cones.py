"""Train networks on P_t, P_g and P_a + P_r of each seed's network, and measure the angles between them up to equioutput
copies.
"""

import numpy as np

from weightspace.data.nearest_images import ImageSearch
from weightspace.data.patterns import read_patterns
from weightspace.files import write_npz
from weightspace.logs import start_log
from weightspace.model_files import read_model
from weightspace.networks.weight_layers import layers_of
from weightspace.weight_space.cones import cells, measure_angles, shapes, train_cones


def main(input, output, settings):
    data = read_patterns(input.patterns)
    bases = [layers_of(read_model(path)[0]) for path in input.models]
    networks, weights = train_cones(bases, data, ImageSearch(data.packed_train), **settings)
    plain, least = np.full((2, len(networks), len(networks)), np.nan)
    for places in cells(networks).values():
        square = np.ix_(places, places)
        plain[square], least[square] = measure_angles(
            weights[places], shapes(data.size, settings["hidden"], data.classes)
        )
    columns = {
        name: column.to_numpy() if column.dtype.kind in "if" else column.to_numpy().astype(str)
        for name, column in networks.items()
    }
    widths = {"inputs": np.int64(data.size), "hidden": np.int64(settings["hidden"]), "classes": np.int64(data.classes)}
    write_npz(output[0], **columns, weights=weights, plain=plain, least=least, **widths)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
