"""weightspace: from the MNIST download to the report in which each claim of the paper has a statistic, an interval and a verdict.

One file per topic under workflow/rules/; what follows from the configuration is decided by weightspace.plan. `config.yaml` is the experiment,
`config/catalogue.yaml` what there is to choose from; files that --configfile names are laid over both.
"""

import os

ROOT = workflow.current_basedir.get_path_or_uri(secret_free=True)


configfile: f"{ROOT}/config/catalogue.yaml"
configfile: "config.yaml" if os.path.exists("config.yaml") else f"{ROOT}/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/energy.smk"
include: "workflow/rules/grey_attacks.smk"
include: "workflow/rules/bit_flips.smk"
include: "workflow/rules/corruptions.smk"
include: "workflow/rules/retrieval.smk"
include: "workflow/rules/symmetry.smk"
include: "workflow/rules/weight_space.smk"
include: "workflow/rules/pattern_space.smk"
include: "workflow/rules/published.smk"
include: "workflow/rules/report.smk"


report: "workflow/report/workflow.rst"


localrules:
    all,
    published,


rule all:
    """Everything: tables, figures, the report's first page, and all of it for a paper."""
    default_target: True
    input:
        tables("csv"),
        tables("md"),
        plan.figure_files("svg"),
        plan.figure_files("png"),
        "results/figures/overview.png",
        "results/figures/turnable.html",
        [f"results/paper/figures/{name}.pdf" for name in plan.figures],
        "results/paper/paper.tex",
        [f"results/report/tables/{name}.html" for name in TABLES],
        "results/report/findings.rst",


rule published:
    """Numbers of others beside ours, and nothing else; at full size with --configfile config/full.yaml."""
    input:
        "results/tables/published.csv",
        "results/figures/published.png",


# What the terminal says of a job: one line instead of ten.
for step in workflow.modifier.rules:
    step.message = "{rule} (log: {log})" if step.log else "{rule}"


onstart:
    let_cores_limit_starts()
    wait_through_outages()
    warn_of_processor()
    say_what_was_lowered()
    print("Each job writes its log under results/logs/.", file=sys.stderr)


onsuccess:
    end_whole_run()


onerror:
    print(
        "A job failed. Its log under results/logs/ says why; what was finished is kept, and the next run goes on from there.",
        file=sys.stderr,
    )
