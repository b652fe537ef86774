"""Error by number of flipped bits, smallest numbers of flips, transfer, and the differences that claims are decided from."""

from weightspace.attacks.flip_scores import FlipScores
from weightspace.attacks.flip_tables import Outcomes, tabulate_differences, tabulate_flips, tabulate_minimal_flips, tabulate_transfer
from weightspace.logs import start_log
from weightspace.report.tables import write_table

if __name__ == "__main__":
    start_log(snakemake)
    settings = snakemake.params.settings
    outcomes = Outcomes([FlipScores.read(path) for path in snakemake.input])
    differences = tabulate_differences(outcomes, settings["pairs"], settings["source"])
    write_table(tabulate_flips(outcomes, settings["knowledge"]), *snakemake.output.flips)
    write_table(tabulate_minimal_flips(outcomes), *snakemake.output.minimal)
    write_table(tabulate_transfer(outcomes), *snakemake.output.transfer)
    write_table(differences, *snakemake.output.differences)
    write_table(differences[differences.comparison == "recall_then_classify"], *snakemake.output.purification)
