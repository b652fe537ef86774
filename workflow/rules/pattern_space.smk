"""The pattern space P_u = P_t + P_g + P_a + P_r: exact counts for digits of a few pixels, estimates with intervals
for whole images."""


localrules:
    tabulate_pattern_space,


rule count_patterns_exactly:
    """Every kind of classifier on digits of a few pixels, all seeds: each of the 2^N patterns classified, every basin of the memories counted."""
    input:
        raw=plan.raw,
    output:
        shells="results/pattern_space/{digits}/shells.csv",
        basins="results/pattern_space/{digits}/basins.csv",
        images="results/pattern_space/{digits}/images.csv",
        maps="results/pattern_space/{digits}/maps.npz",
    log:
        "results/logs/count_patterns_exactly/{digits}.log",
    benchmark:
        "results/performance/count_patterns_exactly/{digits}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(120),
    params:
        settings=lambda wildcards: plan.digits_settings(wildcards.digits),
        code=code_version("count_patterns_exactly.py"),
    script:
        "../scripts/count_patterns_exactly.py"


rule sample_shells:
    """Patterns drawn from the shells around all labelled images, the same for every model; and which single flips images share."""
    input:
        patterns=plan.patterns,
    output:
        sample="results/pattern_space/whole/sample.npz",
        shared="results/pattern_space/whole/shared_flips.npz",
        images="results/pattern_space/whole/images.csv",
    log:
        "results/logs/sample_shells.log",
    benchmark:
        "results/performance/sample_shells.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(30),
    params:
        settings=plan.shell_settings(),
        code=code_version("sample_shells.py"),
    script:
        "../scripts/sample_shells.py"


rule estimate_pattern_counts:
    """What the patterns around all labelled images are to one model, all seeds: by shell, certified images, rare shares."""
    input:
        patterns=plan.patterns,
        sample="results/pattern_space/whole/sample.npz",
        shared="results/pattern_space/whole/shared_flips.npz",
        models=expand("results/models/{{model}}/seed{seed}.safetensors", seed=plan.space_seeds),
    output:
        shells="results/pattern_space/whole/{model}/shells.csv",
        certified="results/pattern_space/whole/{model}/certified.csv",
        rare="results/pattern_space/whole/{model}/rare.csv",
    log:
        "results/logs/estimate_pattern_counts/{model}.log",
    benchmark:
        "results/performance/estimate_pattern_counts/{model}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(60),
    params:
        settings=lambda wildcards: plan.estimate_settings(wildcards.model),
        code=code_version("estimate_pattern_counts.py"),
    script:
        "../scripts/estimate_pattern_counts.py"


rule measure_coverage:
    """Every estimator against exact counts, again and again with other draws."""
    input:
        raw=plan.raw,
    output:
        table("coverage"),
    log:
        "results/logs/measure_coverage.log",
    benchmark:
        "results/performance/measure_coverage.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(60),
    params:
        settings=plan.coverage_settings(),
        code=code_version("measure_coverage.py"),
    script:
        "../scripts/measure_coverage.py"


rule tabulate_pattern_space:
    """The parts of the pattern space by radius, what the answers are by shell, the images behind them, and the basins of small memories."""
    input:
        shells=expand("results/pattern_space/{digits}/shells.csv", digits=config["pattern_space"]["counted"]),
        basins=expand("results/pattern_space/{digits}/basins.csv", digits=config["pattern_space"]["counted"]),
        images=expand(
            "results/pattern_space/{digits}/images.csv", digits=[*config["pattern_space"]["counted"], "whole"]
        ),
        whole=expand("results/pattern_space/whole/{model}/shells.csv", model=plan.space_models),
        certified=expand("results/pattern_space/whole/{model}/certified.csv", model=plan.space_models),
        rare=expand("results/pattern_space/whole/{model}/rare.csv", model=plan.space_models),
    output:
        partition=table("pattern_partition"),
        shares=table("pattern_shares"),
        datasets=table("pattern_datasets"),
        basins=table("basins_exact"),
        certified=table("certified"),
        rare=table("rare_shares"),
        sums=table("pattern_sums"),
    log:
        "results/logs/tabulate_pattern_space.log",
    benchmark:
        "results/performance/tabulate_pattern_space.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings=plan.pattern_table_settings(),
        code=code_version("tabulate_pattern_space.py"),
    script:
        "../scripts/tabulate_pattern_space.py"


rule compare_answers:
    """Whether answers tell adversarial patterns from irrelevant ones: models of one kind, each beside that of the next seed."""
    input:
        patterns=plan.patterns,
        sample="results/pattern_space/whole/sample.npz",
        models=expand(MODEL, model=config["pattern_space"]["agreement"], seed=plan.space_seeds),
    output:
        table("answer_agreement"),
    log:
        "results/logs/compare_answers.log",
    benchmark:
        "results/performance/compare_answers.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(30),
    params:
        settings=plan.agreement_settings(),
        code=code_version("compare_answers.py"),
    script:
        "../scripts/compare_answers.py"


rule choose_pattern_examples:
    """Patterns of each part by distance, for one network and one memory, and patterns far from all images."""
    input:
        patterns=plan.patterns,
        sample="results/pattern_space/whole/sample.npz",
        network=MODEL.format(model=config["pattern_space"]["shown"]["network"], seed=0),
        memory=MODEL.format(model=config["pattern_space"]["shown"]["memory"], seed=0),
    output:
        examples="results/pattern_space/whole/examples.npz",
    log:
        "results/logs/choose_pattern_examples.log",
    benchmark:
        "results/performance/choose_pattern_examples.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(10),
    params:
        settings=plan.pattern_example_settings(),
        code=code_version("choose_pattern_examples.py"),
    script:
        "../scripts/choose_pattern_examples.py"


rule draw_pattern_space:
    """Parts by distance for all models, a small space as a map, patterns to be looked at, and the test of the intervals."""
    input:
        shares="results/tables/pattern_shares.csv",
        datasets="results/tables/pattern_datasets.csv",
        maps="results/pattern_space/{}/maps.npz".format(config["pattern_space"]["shown"]["digits"]),
        examples="results/pattern_space/whole/examples.npz",
        coverage="results/tables/coverage.csv",
    output:
        partition=figure("pattern_partition"),
        map=figure("pattern_space_map"),
        examples=figure("pattern_examples"),
        coverage=figure("coverage"),
    log:
        "results/logs/draw_pattern_space.log",
    benchmark:
        "results/performance/draw_pattern_space.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=plan.pattern_figure_settings(),
        code=code_version("draw_pattern_space.py"),
    script:
        "../scripts/draw_pattern_space.py"
