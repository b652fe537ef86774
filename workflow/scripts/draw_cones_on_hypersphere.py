"""The three groups' weights on a sphere that keeps their angles as well as it can."""

from weightspace.figures.cones_on_hypersphere import draw_cones_on_hypersphere
from weightspace.files import read_npz
from weightspace.logs import start_log
from weightspace.style import save

if __name__ == "__main__":
    start_log(snakemake)
    save(draw_cones_on_hypersphere(read_npz(snakemake.input[0])), *snakemake.output)
