"""The table of numbers that others have published, beside ours."""

from weightspace.configuration.reading import read_yaml
from weightspace.files import read_parts
from weightspace.logs import start_log
from weightspace.published.verdicts import summarise
from weightspace.report.tables import write_table


def main(input, output):
    entries = read_yaml(input.published)["entries"]
    write_table(summarise(entries, read_parts(input.measured, name="published")), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
