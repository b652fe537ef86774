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
# Last: it takes up what the others have added to the lists of tables and figures.
include: "workflow/rules/paper.smk"


report: "workflow/report/workflow.rst"


localrules:
    all,


rule all:
    """Everything: tables, figures, the report's first page, and all of it for a paper."""
    default_target: True
    input:
        tables("csv"),
        tables("md"),
        figures("svg"),
        figures("png"),
        "results/figures/overview.png",
        "results/figures/turnable.html",
        [f"results/paper/figures/{name}.pdf" for name in FIGURES],
        "results/paper/paper.tex",
        pages(),
        "results/report/findings.rst",


# What the terminal says of a job: one line instead of ten.
for step in workflow.rules:
    step.message = "{rule} (log: {log})" if step.log else "{rule}"


onstart:
    let_cores_limit_starts()
    wait_through_outages()
    print("Each job writes its log under results/logs/.", file=sys.stderr)


onsuccess:
    write_report()


onerror:
    print(
        "A job failed. Its log under results/logs/ says why; what was finished is kept, and the next run goes on from there.",
        file=sys.stderr,
    )
