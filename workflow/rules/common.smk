"""What all rules share: the checked configuration, the plan that follows from it, and how tables and figures are shown.

The plan (weightspace.plan) knows which jobs, files and settings there are; rules only ask it.
"""

import os
import shlex
import sys
from pathlib import Path

# An installed weightspace must not win over this checkout's, neither here nor in the jobs.
RULES = Path(workflow.current_basedir.get_path_or_uri(secret_free=True))
SCRIPTS = RULES.parent / "scripts"
sys.path.insert(0, str(SCRIPTS))
os.environ.update(
    PYTHONPATH=os.pathsep.join(filter(None, [str(SCRIPTS), os.environ.get("PYTHONPATH")])),
    # Keep large blocks of memory for the next array of their size: else each is given back and cleared anew, a third
    # of the time of some attacks.
    MALLOC_MMAP_THRESHOLD_="1000000000",
    MALLOC_TRIM_THRESHOLD_="1000000000",
)


class Quoted(str):
    """A path that stands in the text of a command as the shell reads it."""

    def __format__(self, form):
        return shlex.quote(format(str(self), form))


# Snakemake 9.27 writes it unquoted into the commands of scripts (its issue 2645): a clone in a folder with a space
# could not run.
sys.executable = Quoted(sys.executable)

from weightspace import processor, reruns
from weightspace.configuration.checks import fitted_config
from weightspace.configuration.choices import with_lists
from weightspace.configuration.claims import check_claims
from weightspace.configuration.images import known_images
from weightspace.configuration.published import check_published
from weightspace.configuration.messages import ConfigError
from weightspace.configuration.reading import CATALOGUE, EXPERIMENT, is_shipped, merged, read_yaml
from weightspace.plan import FIGURES, HISTORY, MODEL, NOISE, OWN_SCORES, TABLES, TRANSFER_SCORES, Plan
from weightspace.plan import deciding_tables, memory_mb, minutes, named_in_cells, tables
from weightspace.report.assembly import write_report

# Relative, because a recorded absolute path would make a moved checkout run everything again. As inputs they are
# local(...): they come with the workflow, and not from where results are stored.
WORKFLOW = Path(os.path.relpath(RULES.parent))
CLAIMS, ANSWERS, PUBLISHED = (str(WORKFLOW / name) for name in ("claims.yaml", "answers.yaml", "published.yaml"))
TABLE_PAGE = str(WORKFLOW / "report" / "table.html")
CAPTIONS = sorted(str(path) for path in (WORKFLOW / "report").rglob("*.*"))


def merged_configuration():
    """The files and arguments that Snakemake has merged into `config`, merged so that mappings go on from lists and keys
    stand in the order of the shipped files, whichever is given.
    """
    if workflow.modifier.skip_configfile:  # a module of another workflow, which hands over its changes, or all keys
        return merged([*map(read_yaml, [CATALOGUE, EXPERIMENT]), config])
    given = workflow.config_settings
    shipped = [CATALOGUE, "config.yaml" if os.path.exists("config.yaml") else EXPERIMENT]
    files = [*([] if given.replace_workflow_config else shipped), *given.configfiles]
    return merged([*map(read_yaml, files), given.config])


def users_configuration():
    """The part of it that the user has set, in files of their own or on the command line."""
    if workflow.modifier.skip_configfile:
        return config
    given = workflow.config_settings
    return merged([*(read_yaml(path) for path in given.configfiles if not is_shipped(path)), given.config])


try:
    config, lowered = fitted_config(with_lists(merged_configuration()), users_configuration())
    claims = read_yaml(CLAIMS)
    check_claims(claims)
    check_published(read_yaml(PUBLISHED))
except ConfigError as error:
    sys.exit(f"Configuration refused: {error}")
plan = Plan(config)
os.environ.update(processor.environment(config["instruction_set"]))


wildcard_constraints:
    **plan.wildcards,
    claim="|".join(claims["claims"]),


def code_version(script, *user_files):
    """What a job runs, for Snakemake to compare: the digest of its code, and the instruction set where it is not pinned."""
    native = ["native"] if config["instruction_set"] == "native" else []
    return " ".join([reruns.code_version(script, *user_files), *native])


def say_what_was_lowered():
    """Say at the start which of the shipped numbers these images do not allow, and which budgets are rounded."""
    if lowered:
        print("Numbers that are used otherwise than the configuration has them:", *lowered, sep="\n  ", file=sys.stderr)


def warn_of_processor():
    """Say at the start where this machine cannot give the numbers of others."""
    if config["instruction_set"] == "pinned" and (reason := processor.why_not_pinned()):
        print(reason, file=sys.stderr)


def table(name):
    """The CSV and the Markdown of a table."""
    return [f"results/tables/{name}.csv", f"results/tables/{name}.md"]


# Tables that are put together of single models: a claim by itself has such a table of the models that its deciding cells
# name.
OF_MODELS = ("attacks", "paper_experiment", "nearest_pattern")


def claim_table(name):
    """The CSV and the Markdown of a table of `OF_MODELS` for one claim."""
    return [f"results/claims/{{claim}}/{name}.csv", f"results/claims/{{claim}}/{name}.md"]


def tables_of_claim(claim):
    """What one claim by itself is decided from."""
    folders = {name: f"results/claims/{claim}" for name in OF_MODELS}
    return [f"{folders.get(name, 'results/tables')}/{name}.csv" for name in deciding_tables(claims, claim)]


def models_of_claim(wildcards, table, column, among):
    """The models that the deciding cells of one claim in a table name in a column."""
    return named_in_cells(claims["claims"][wildcards.claim]["parts"], table, column, among)


def table_page(name):
    """The page of a table in the report: Snakemake itself only offers a CSV for download."""
    return report(
        f"results/report/tables/{name}.html",
        caption=f"../report/tables/{name}.rst",
        category=TABLES[name],
        labels={"table": f"table: {name.replace('_', ' ')}", "figure": ""},
    )


def figure(name):
    """The SVG of a figure, shown in the report, its PNG, and its PDF for a paper."""
    shown = report(
        f"results/figures/{name}.svg",
        caption=f"../report/figures/{name}.rst",
        category=FIGURES[name],
        labels={"table": "", "figure": name.replace("_", " ")},
    )
    return [shown, f"results/figures/{name}.png", f"results/paper/figures/{name}.pdf"]


def let_cores_limit_starts():
    """Where jobs run on this machine, lift Snakemake's limit of 100 starts a second.

    Under that limit each job that ends leaves behind one more timer, which looks at all ready jobs every second: after
    a hundred jobs the scheduler of Snakemake 9.27 alone takes a quarter of a core.
    """
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


def wait_through_outages():
    """Let a run through the Slurm plugin use the commands of profiles/slurm, which wait while Slurm cannot be
    reached.
    """
    if workflow.executor_plugin.name == "slurm":
        commands = RULES.parents[1].resolve() / "profiles" / "slurm" / "commands"
        os.environ.update(PATH=os.pathsep.join([str(commands), os.environ.get("PATH", os.defpath)]))


def end_whole_run():
    """After a run of everything, print the claims and write results/report.html; after a partial one what was not asked
    for may be old.
    """
    everything = "all" in {target.name for target in workflow.dag.targetrules}
    if everything and not workflow.dag_settings.until and not workflow.dag_settings.omit_from:
        print_claims("results/tables/claims.csv")
        write_report(config, snakefile=workflow.main_snakefile, workflow_folder=WORKFLOW)


def print_claims(table):
    """All claims, a line each. What this needs is imported here, since every start of Snakemake reads this file."""
    import pandas
    from weightspace.report import terminal

    print(terminal.lines(pandas.read_csv(table)), flush=True)
