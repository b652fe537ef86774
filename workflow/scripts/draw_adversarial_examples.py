"""Adversarial images beside what binarising and recall make of them."""

from weightspace.figures import style
from weightspace.figures.adversarial_examples import draw_adversarial_examples
from weightspace.files import read_npz
from weightspace.logs import start_log


def main(input, output):
    with style.paper():
        style.save(draw_adversarial_examples(read_npz(input[0])), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
