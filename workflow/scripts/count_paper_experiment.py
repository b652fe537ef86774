"""The paper's experiment with one memory: counts per network, attack, budget, source of the images, read-out and
seed.
"""

import pandas as pd

from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.robustness.paper_experiment import outcomes, seed_counts
from weightspace.robustness.score_files import read_scores


def main(input, output, settings, memory):
    seeds = len(input.memory)
    parts = []
    for seed, path in enumerate(input.memory):
        answers = dict(list(read_scores(path).groupby(["attack", "network"])))
        for row, network in enumerate(settings["networks"]):
            own = read_scores(input.networks[row * seeds + seed]).query(
                "network == @network and attack in @settings['attacks']"
            )
            for attack, scores in own.groupby("attack"):
                images = outcomes(scores, answers[attack, network], stored=settings["stored"])
                parts.append(images.assign(attack=attack, network=network, memory=memory, seed=seed))
    write_csv(output[0], seed_counts(pd.concat(parts, ignore_index=True)))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings, snakemake.wildcards.memory)
