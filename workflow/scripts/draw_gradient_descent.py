"""Figure 3: the path of gradient descent over the loss surface."""

from weightspace.figures import style
from weightspace.figures.gradient_descent import draw_gradient_descent
from weightspace.files import read_npz
from weightspace.logs import start_log


def main(input, output):
    with style.paper():
        style.save(draw_gradient_descent(read_npz(input[0])), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
