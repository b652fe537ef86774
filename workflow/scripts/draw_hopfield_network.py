"""Figure 1: a Hopfield network of six neurons, its weights and its fixed points."""

from weightspace.figures import style
from weightspace.figures.hopfield_network import draw_hopfield_network
from weightspace.files import read_npz
from weightspace.logs import start_log


def main(input, output):
    with style.paper():
        style.save(draw_hopfield_network(read_npz(input[0])), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
