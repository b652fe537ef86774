"""The three groups' weights on a sphere that keeps their angles as well as it can: a figure, and a page on which it can be turned."""

from weightspace.figures.cones_on_hypersphere import draw_cones_on_hypersphere, turnable_page
from weightspace.files import read_npz, write_text
from weightspace.logs import start_log
from weightspace.style import save

if __name__ == "__main__":
    start_log(snakemake)
    points = read_npz(snakemake.input[0])
    save(draw_cones_on_hypersphere(points), *snakemake.output.drawn)
    write_text(snakemake.output.page, turnable_page(points))
