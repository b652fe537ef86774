"""The report: claims decided, the first page with a paragraph of each topic, pages of tables, and all of it for a
paper."""


localrules:
    decide_claims,
    describe_weight_space,
    describe_symmetry,
    describe_pattern_space,
    summarise_findings,
    show_tables,
    write_paper,


# In the order in which they are read.
PARAGRAPHS = ["attacks", "memories_attacked", "weight_space", "symmetry", "pattern_space"]


rule decide_claims:
    """Each claim of the paper: statistic, interval and verdict by the rule written down beforehand."""
    input:
        claims=CLAIMS,
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
        dataset=plan.dataset,
        code=code_version("decide_claims.py"),
    script:
        "../scripts/decide_claims.py"


rule summarise_attacks:
    """The report's paragraph on where the paper's comparison was unfair."""
    input:
        transfer="results/tables/transfer.csv",
        experiment="results/tables/paper_experiment.csv",
    output:
        "results/report/attacks.rst",
    log:
        "results/logs/summarise_attacks.log",
    benchmark:
        "results/performance/summarise_attacks.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={key: config["paper_experiment"][key] for key in ("network", "attack", "budget")}
        | {"memory": plan.papers_memory()},
        code=code_version("summarise_attacks.py"),
    script:
        "../scripts/summarise_attacks.py"


rule summarise_memories_attacked:
    """The answer to claim C4 in three sentences: transfer, adaptive attacks, and clean."""
    input:
        flips="results/tables/flips.csv",
        transfer="results/tables/flip_transfer.csv",
        checks="results/tables/attack_checks.csv",
    output:
        "results/report/memories_attacked.rst",
    log:
        "results/logs/summarise_memories_attacked.log",
    benchmark:
        "results/performance/summarise_memories_attacked.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings=plan.attacked_groups(),
        code=code_version("summarise_memories_attacked.py"),
    script:
        "../scripts/summarise_memories_attacked.py"


rule describe_weight_space:
    """The report's paragraph on what is exact, what generalises, cones, circles and dimension."""
    input:
        "results/tables/weight_volume.csv",
        "results/tables/weight_partition.csv",
        "results/tables/cones.csv",
        "results/tables/loss_levels.csv",
        "results/tables/dimension.csv",
    output:
        "results/report/weight_space.rst",
    log:
        "results/logs/describe_weight_space.log",
    benchmark:
        "results/performance/describe_weight_space.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("describe_weight_space.py"),
    script:
        "../scripts/describe_weight_space.py"


rule describe_symmetry:
    """The paragraph on copies, order and memories for the report's first page."""
    input:
        "results/tables/equioutput.csv",
        "results/tables/ordering.csv",
        "results/tables/hopfield_symmetry.csv",
    output:
        "results/report/symmetry.rst",
    log:
        "results/logs/describe_symmetry.log",
    benchmark:
        "results/performance/describe_symmetry.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("describe_symmetry.py"),
    script:
        "../scripts/describe_symmetry.py"


rule describe_pattern_space:
    """The report's paragraph on how large the parts are."""
    input:
        partition="results/tables/pattern_partition.csv",
        shares="results/tables/pattern_shares.csv",
        certified="results/tables/certified.csv",
        basins="results/tables/basins_exact.csv",
    output:
        "results/report/pattern_space.rst",
    log:
        "results/logs/describe_pattern_space.log",
    benchmark:
        "results/performance/describe_pattern_space.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={
            "dataset": plan.dataset,
            **{key: config["pattern_space"]["shown"][key] for key in ("network", "memory")},
            "radii": config["pattern_space"]["shown_radii"],
        },
        code=code_version("describe_pattern_space.py"),
    script:
        "../scripts/describe_pattern_space.py"


rule summarise_findings:
    """The report's first page: what was asked, what was found and where."""
    input:
        claims=CLAIMS,
        answers=ANSWERS,
        table="results/tables/claims.csv",
        experiment="results/tables/paper_experiment.csv",
        paragraphs=[f"results/report/{topic}.rst" for topic in PARAGRAPHS],
        # Not read: a changed caption makes a new first page, and with it a new report.
        captions=CAPTIONS,
    output:
        "results/report/findings.rst",
    log:
        "results/logs/summarise_findings.log",
    benchmark:
        "results/performance/summarise_findings.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings=config["paper_experiment"]
        | {"seeds": config["seeds"], "dataset": plan.dataset, "figures": plan.figures},
        code=code_version("summarise_findings.py"),
    script:
        "../scripts/summarise_findings.py"


rule show_tables:
    """Every table as a page of the report, to be sorted, filtered and downloaded."""
    input:
        tables=expand("results/tables/{name}.csv", name=TABLES),
        template=TABLE_PAGE,
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
        captions=[path for path in CAPTIONS if Path(path).stem in (*TABLES, *plan.figures)],
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
        settings={key: plan.shown[key] for key in ("network", "attack", "budget")}
        | {"memory": plan.papers_memory(), "figures": plan.figures, "seeds": config["seeds"], "dataset": plan.dataset},
        code=code_version("write_paper.py"),
    script:
        "../scripts/write_paper.py"
