"""Subset simulation of a tanh network's weight space at one gain: every run's log-volumes by number of errors."""

from weightspace.data.patterns import read_patterns
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.weight_space.volume import simulate_volumes


def main(input, output, settings, gain):
    data, gain = read_patterns(input.patterns), float(gain)
    write_csv(output[0], simulate_volumes(data, gain=gain, **settings), digits=12)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings, snakemake.wildcards.gain)
