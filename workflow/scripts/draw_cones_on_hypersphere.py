"""The three groups' weights on a sphere that keeps their angles as well as it can."""

from weightspace.figures.cones_on_hypersphere import draw_cones_on_hypersphere
from weightspace.figures.style import save
from weightspace.files import read_npz
from weightspace.logs import start_log


def main(input, output):
    save(draw_cones_on_hypersphere(read_npz(input[0])), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
