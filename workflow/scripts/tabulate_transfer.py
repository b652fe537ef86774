"""Transfer of attacks between all models: errors by source and target, by learning rule of the target, and from
ensembles.
"""

import pandas as pd

from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.robustness import transfer
from weightspace.robustness.paired_outcomes import summarise
from weightspace.robustness.score_files import read_scores


def main(input, output, settings):
    parts = []
    for seed in settings["seeds"]:
        # The files come model by model within each seed.
        files = input[seed * len(settings["targets"]) : (seed + 1) * len(settings["targets"])]
        scores = {model: read_scores(path) for model, path in zip(settings["targets"], files, strict=True)}
        scores = {
            model: rows[rows["network"].isin(settings["sources"]) & rows["attack"].isin(settings["attacks"])]
            for model, rows in scores.items()
        }
        parts.append(transfer.count_targets(scores, settings["networks"], settings["noises"]).assign(seed=seed))
    counts = pd.concat(parts, ignore_index=True)
    write_table(summarise(counts, ["source", "attack", "budget", "target", "answer", "images"]), *output[:2])
    net = {sees: transfer.net_success(counts, settings["rules"], networks_see=sees) for sees in transfer.MAIN}
    members = {name: entry["members"] for name, entry in settings["ensembles"].items()}
    dependence = [transfer.by_rule(rows, members).assign(networks_see=sees) for sees, rows in net.items()]
    write_table(pd.concat(dependence, ignore_index=True), *output[2:4])
    write_table(transfer.held_out_success(net["grey"], settings["ensembles"], settings["rules"]), *output[4:])


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
