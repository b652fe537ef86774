"""Figures of attacks on binary patterns: error by flipped bits for every model, and recall or other heads before a
network.
"""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.minimal_flips import draw_minimal_flips
from weightspace.figures.purification import draw_purification
from weightspace.logs import start_log


def main(input, output, settings):
    flips, minimal, differences = (pd.read_csv(path) for path in (input.flips, input.minimal, input.differences))
    families = settings["families"]
    drawn = {
        "minimal_flips": lambda: draw_minimal_flips(
            flips, minimal, differences, network=settings["network"], families=families
        ),
        "purification": lambda: draw_purification(differences, families=families),
    }
    for name in settings["figures"]:
        style.save(drawn[name](), *getattr(output, name))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
