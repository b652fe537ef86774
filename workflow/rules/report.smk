"""The report: claims decided, the first page with a paragraph of each topic, pages of tables, and all of it for a
paper."""


localrules:
    decide_claims,
    write_first_page,
    show_tables,
    write_paper,


# Tables that the first page speaks of.
FIRST_PAGE = [
    *("claims", "paper_experiment", "transfer", "flips", "flip_transfer", "flip_differences"),
    *("weight_volume", "weight_partition", "cones", "loss_levels", "dimension"),
    *("equioutput", "ordering", "hopfield_symmetry"),
    *("pattern_partition", "pattern_shares", "certified", "basins_exact", "published"),
]


rule decide_claims:
    """Each claim of the paper: statistic, interval and word by the rule written down beforehand."""
    input:
        claims=local(CLAIMS),
        tables=expand("results/tables/{name}.csv", name=deciding_tables(claims)),
    output:
        table("claims"),
    log:
        "results/logs/decide_claims.log",
    benchmark:
        "results/performance/decide_claims.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"dataset": plan.dataset},
        code=code_version("decide_claims.py"),
    script:
        "../scripts/decide_claims.py"


# `snakemake C3`: one claim decided from the tables of its deciding parts. It writes nothing, so it answers whenever it is asked.
for claim in claims["claims"]:

    rule answer_claim:
        """Decide one claim, named as its rule is, and print the answer."""
        name:
            claim
        input:
            claims=local(CLAIMS),
            answers=local(ANSWERS),
            tables=tables_of_claim(claim),
        log:
            f"results/logs/answer_claim/{claim}.log",
        benchmark:
            f"results/performance/answer_claim/{claim}.jsonl"
        localrule: True
        conda:
            "../../envs/data.yaml"
        params:
            settings={"claim": claim, "dataset": plan.dataset},
            code=code_version("answer_claim.py"),
        script:
            "../scripts/answer_claim.py"


rule write_first_page:
    """The report's first page: what was asked, what was found and where, with a paragraph of each topic."""
    input:
        claims=local(CLAIMS),
        answers=local(ANSWERS),
        tables=expand("results/tables/{name}.csv", name=FIRST_PAGE),
        # Neither is read: no page where a check fails, and a changed caption makes a new page and with it a new report.
        checks="results/tables/attack_checks.csv",
        captions=local(CAPTIONS),
    output:
        "results/report/findings.rst",
    log:
        "results/logs/write_first_page.log",
    benchmark:
        "results/performance/write_first_page.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings=plan.first_page_settings(known_images(config["dataset"], ".").classes, lowered),
        code=code_version("write_first_page.py"),
    script:
        "../scripts/write_first_page.py"


rule show_tables:
    """Every table as a page of the report, to be sorted, filtered and downloaded."""
    input:
        tables=expand("results/tables/{name}.csv", name=TABLES),
        template=local(TABLE_PAGE),
    output:
        [table_page(name) for name in TABLES],
    log:
        "results/logs/show_tables.log",
    benchmark:
        "results/performance/show_tables.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("show_tables.py"),
    script:
        "../scripts/show_tables.py"


rule draw_turnable:
    """Figures 2, 4, 3 and 8 on one page on which they can be turned."""
    input:
        energy="results/landscapes/energy.npz",
        descent="results/landscapes/gradient_descent.npz",
        cones="results/weight_space/cone_points.npz",
    output:
        report(
            "results/figures/turnable.html",
            caption="../report/figures/turnable.rst",
            category="3 Energy",
            labels={"figure": "landscapes and cones, to be turned"},
        ),
    log:
        "results/logs/draw_turnable.log",
    benchmark:
        "results/performance/draw_turnable.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_turnable.py"),
    script:
        "../scripts/draw_turnable.py"


rule draw_overview:
    """All figures of the run on one sheet, with their names."""
    input:
        plan.figure_files("png"),
    output:
        "results/figures/overview.png",
    log:
        "results/logs/draw_overview.log",
    benchmark:
        "results/performance/draw_overview.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_overview.py"),
    script:
        "../scripts/draw_overview.py"


rule write_paper:
    """Tables as LaTeX, the numbers of the text as commands, and a document that shows them beside the figures."""
    input:
        tables=tables("csv"),
        captions=local([path for path in CAPTIONS if Path(path).stem in (*TABLES, *plan.figures)]),
    output:
        macros="results/paper/macros.tex",
        document="results/paper/paper.tex",
        tables=[f"results/paper/tables/{name}.tex" for name in TABLES],
    log:
        "results/logs/write_paper.log",
    benchmark:
        "results/performance/write_paper.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings=plan.paper_settings(),
        code=code_version("write_paper.py"),
    script:
        "../scripts/write_paper.py"
