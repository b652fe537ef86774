"""Measure one of the works whose numbers others have published, of memories, counts and formulas."""

from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.published import memories, theory
from weightspace.published.quantities import as_rows

WORKS = {
    "counted": theory.counted,
    "exclusive_or": theory.exclusive_or,
    "random_starts": memories.random_starts,
    "half_capacity": memories.half_capacity,
    "hebbian_overlap": memories.hebbian_overlap,
    "stored_patterns": memories.stored_patterns,
    "dichotomies": memories.dichotomies,
}


def main(output, settings, work):
    write_csv(output[0], as_rows(WORKS[work](settings)), digits=12)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.output, snakemake.params.settings, snakemake.wildcards.published)
