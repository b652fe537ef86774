"""Images corrupted by noise, blur and the like, which no adversary chose, and who errs on them."""


localrules:
    tabulate_corruptions,


rule measure_corruptions:
    """Errors of one model on corrupted test images of every kind and severity, all seeds."""
    input:
        raw=plan.raw,
        patterns=plan.patterns,
        models=lambda wildcards: plan.trained_files(wildcards.corrupted),
    output:
        "results/corruptions/{corrupted}.npz",
    log:
        "results/logs/measure_corruptions/{corrupted}.log",
    benchmark:
        "results/performance/measure_corruptions/{corrupted}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(30),
    params:
        settings=lambda wildcards: plan.corruption_settings(wildcards.corrupted),
        code=code_version("measure_corruptions.py"),
    script:
        "../scripts/measure_corruptions.py"


rule tabulate_corruptions:
    """Errors by model, kind and severity, and models compared on images that both answer rightly when clean."""
    input:
        expand("results/corruptions/{corrupted}.npz", corrupted=plan.corrupted),
    output:
        table("corruptions"),
    log:
        "results/logs/tabulate_corruptions.log",
    benchmark:
        "results/performance/tabulate_corruptions.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings=plan.corruption_table_settings(),
        code=code_version("tabulate_corruptions.py"),
    script:
        "../scripts/tabulate_corruptions.py"


rule draw_corruptions:
    """Errors by kind and severity."""
    input:
        "results/tables/corruptions.csv",
    output:
        figure("corruptions"),
    log:
        "results/logs/draw_corruptions.log",
    benchmark:
        "results/performance/draw_corruptions.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings={"families": plan.families(plan.corrupted)},
        code=code_version("draw_corruptions.py"),
    script:
        "../scripts/draw_corruptions.py"
