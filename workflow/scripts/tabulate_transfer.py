"""Transfer of attacks between all models: errors by source and target, by learning rule of the target, and from ensembles."""

import pandas as pd

from weightspace.attacks import transfer
from weightspace.attacks.paired_outcomes import summarise
from weightspace.attacks.score_files import read_scores
from weightspace.logs import start_log
from weightspace.report.tables import write_table

if __name__ == "__main__":
    start_log(snakemake)
    settings, parts = snakemake.params.settings, []
    for seed in settings["seeds"]:
        # The files come model by model within each seed.
        files = snakemake.input[seed * len(settings["targets"]) : (seed + 1) * len(settings["targets"])]
        scores = {model: read_scores(path) for model, path in zip(settings["targets"], files, strict=True)}
        scores = {model: rows[rows["network"].isin(settings["sources"]) & rows["attack"].isin(settings["attacks"])] for model, rows in scores.items()}
        parts.append(transfer.count_targets(scores, settings["networks"], settings["noises"]).assign(seed=seed))
    counts = pd.concat(parts, ignore_index=True)
    write_table(summarise(counts, ["source", "attack", "budget", "target", "answer", "images"]), *snakemake.output[:2])
    net = {sees: transfer.net_success(counts, settings["rules"], networks_see=sees) for sees in transfer.MAIN}
    members = {name: entry["members"] for name, entry in settings["ensembles"].items()}
    dependence = [transfer.by_rule(rows, members).assign(networks_see=sees) for sees, rows in net.items()]
    write_table(pd.concat(dependence, ignore_index=True), *snakemake.output[2:4])
    write_table(transfer.held_out_success(net["grey"], settings["ensembles"], settings["rules"]), *snakemake.output[4:])
