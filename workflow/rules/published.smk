"""Numbers that others have published, each measured by this library and set beside theirs."""


localrules:
    tabulate_published,


rule measure_published:
    """One work that others have published: counts and formulas, or memories of random patterns."""
    output:
        "results/published/{published}.csv",
    log:
        "results/logs/measure_published/{published}.log",
    benchmark:
        "results/performance/measure_published/{published}.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(60),
    params:
        settings=lambda wildcards: plan.published_settings(wildcards.published),
        code=code_version("measure_published.py"),
    script:
        "../scripts/measure_published.py"


rule measure_published_images:
    """One work on MNIST that others have published: simple classifiers, or attacks on networks."""
    input:
        raw=plan.raw,
    output:
        "results/published/{published_images}.csv",
    log:
        "results/logs/measure_published_images/{published_images}.log",
    benchmark:
        "results/performance/measure_published_images/{published_images}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(4000),
        runtime=minutes(60),
    params:
        settings=lambda wildcards: plan.published_settings(wildcards.published_images),
        code=code_version("measure_published_images.py"),
    script:
        "../scripts/measure_published_images.py"


rule tabulate_published:
    """All entries of workflow/published.yaml: theirs, ours, and whether they agree."""
    input:
        published=local(PUBLISHED),
        measured=plan.published,
    output:
        table("published"),
    log:
        "results/logs/tabulate_published.log",
    benchmark:
        "results/performance/tabulate_published.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("tabulate_published.py"),
    script:
        "../scripts/tabulate_published.py"


rule draw_published:
    """Theirs and ours on one axis, for all entries."""
    input:
        published="results/tables/published.csv",
    output:
        figure("published"),
    log:
        "results/logs/draw_published.log",
    benchmark:
        "results/performance/draw_published.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_published.py"),
    script:
        "../scripts/draw_published.py"
