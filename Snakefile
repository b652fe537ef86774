"""weightspace: from the MNIST download to the report in which each claim of the paper has a statistic, an interval and a verdict.

One file per topic under workflow/rules/; every Python function that rules use is in common.smk. `config.yaml` holds the whole experiment.
"""


configfile: "config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/adversarial.smk"
include: "workflow/rules/scores.smk"
include: "workflow/rules/checks.smk"
include: "workflow/rules/binary_attacks.smk"
include: "workflow/rules/memories.smk"
include: "workflow/rules/landscapes.smk"
include: "workflow/rules/weight_space.smk"
include: "workflow/rules/symmetry.smk"
include: "workflow/rules/pattern_space.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"


report: "workflow/report/workflow.rst"


localrules:
    all,


rule all:
    """Everything: tables, figures and the report's first page."""
    default_target: True
    input:
        tables("csv"),
        tables("md"),
        figures("svg"),
        figures("png"),
        "results/report/findings.rst",


# What the terminal says of a job: one line instead of ten.
for step in workflow.rules:
    step.message = "{rule} (log: {log})" if step.log else "{rule}"


onstart:
    wait_through_outages()
    print("Each job writes its log under results/logs/.", file=sys.stderr)


onsuccess:
    write_report()


onerror:
    print(
        "A job failed. Its log under results/logs/ says why; what was finished is kept, and the next run goes on from there.",
        file=sys.stderr,
    )
