"""Subset simulation of a tanh network's weight space at one gain: every run's log-volumes by number of errors."""

from weightspace.data.patterns import read_patterns
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.weight_space.weight_volume import simulate_volumes

if __name__ == "__main__":
    start_log(snakemake)
    data, gain = read_patterns(snakemake.input.patterns), float(snakemake.wildcards.gain)
    write_csv(snakemake.output[0], simulate_volumes(data, gain=gain, **snakemake.params.settings), digits=12)
