"""For readers and papers: the contact sheet of all figures, and the tables, numbers and figures of the run as LaTeX can take them in."""


localrules:
    write_paper,


rule draw_overview:
    """All figures of the run on one sheet, with their names."""
    input:
        figures("png"),
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
        captions=[path for path in CAPTIONS if Path(path).stem in (*TABLES, *FIGURES)],
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
        settings={key: SHOWN[key] for key in ("network", "attack", "budget")}
        | {"memory": papers_memory(), "figures": FIGURES, "seeds": config["seeds"], "dataset": DATASET},
        code=code_version("write_paper.py"),
    script:
        "../scripts/write_paper.py"
