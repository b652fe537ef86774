"""Train networks on P_t, P_g and P_a + P_r of each seed's network, and measure the angles between them up to equioutput
copies.
"""

from weightspace.data.patterns import read_patterns
from weightspace.logs import start_log
from weightspace.model_files import read_model
from weightspace.networks.weight_layers import layers_of
from weightspace.weight_space.cones import measure_cones


def main(input, output, settings):
    bases = [layers_of(read_model(path)[0]) for path in input.models]
    measure_cones(bases, read_patterns(input.patterns), **settings).save(output[0])


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
