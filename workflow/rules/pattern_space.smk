"""The pattern space P_u = P_t + P_g + P_a + P_r: exact counts for digits of a few pixels, estimates with intervals for whole images."""

SPACE = config["pattern_space"]
DIGITS = SPACE["counted"]
TABLES += [
    "pattern_partition",
    "pattern_shares",
    "pattern_sums",
    "pattern_datasets",
    "basins_exact",
    "certified",
    "rare_shares",
    "coverage",
]
PARAGRAPHS += ["results/report/pattern_space.rst"]
SPACE_MODELS = SPACE["models"] or [*NETWORKS, *MEMORIES]
SPACE_SEEDS = range(min(SPACE["seeds"], config["seeds"]))
FIGURES += ["pattern_partition", "pattern_space_map", "pattern_examples", "coverage"]


wildcard_constraints:
    digits="|".join(DIGITS),


localrules:
    tabulate_pattern_space,
    describe_pattern_space,


rule count_patterns_exactly:
    """Every kind of classifier on digits of a few pixels, all seeds: each of the 2^N patterns classified, every basin of the memories counted."""
    input:
        RAW,
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
        mem_mb=memory(2000),
        runtime=minutes(120),
    params:
        settings=lambda wildcards: digits_settings(wildcards.digits),
        code=code_version("count_patterns_exactly.py"),
    script:
        "../scripts/count_patterns_exactly.py"


rule draw_shells:
    """Patterns drawn from the shells around all labelled images, the same for every model; and which single flips images share."""
    input:
        patterns=PATTERNS,
    output:
        sample="results/pattern_space/whole/sample.npz",
        shared="results/pattern_space/whole/shared_flips.npz",
        images="results/pattern_space/whole/images.csv",
    log:
        "results/logs/draw_shells.log",
    benchmark:
        "results/performance/draw_shells.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        settings={"dataset": DATASET, **{key: SPACE[key] for key in ("radius", "draws")}},
        code=code_version("draw_shells.py"),
    script:
        "../scripts/draw_shells.py"


rule estimate_pattern_counts:
    """What the patterns around all labelled images are to one model, all seeds: by shell, certified images, rare shares."""
    input:
        patterns=PATTERNS,
        sample="results/pattern_space/whole/sample.npz",
        shared="results/pattern_space/whole/shared_flips.npz",
        models=expand("results/models/{{model}}/seed{seed}.safetensors", seed=SPACE_SEEDS),
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
        mem_mb=memory(2000),
        runtime=minutes(60),
    params:
        settings=lambda wildcards: estimate_settings(wildcards.model),
        code=code_version("estimate_pattern_counts.py"),
    script:
        "../scripts/estimate_pattern_counts.py"


rule measure_coverage:
    """Every estimator against exact counts, again and again with other draws."""
    input:
        RAW,
    output:
        reported_table("coverage", "7 Pattern space"),
    log:
        "results/logs/measure_coverage.log",
    benchmark:
        "results/performance/measure_coverage.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory(2000),
        runtime=minutes(60),
    params:
        settings=coverage_settings(),
        code=code_version("measure_coverage.py"),
    script:
        "../scripts/measure_coverage.py"


rule tabulate_pattern_space:
    """The parts of the pattern space by radius, what the answers are by shell, the images behind them, and the basins of small memories."""
    input:
        shells=expand("results/pattern_space/{digits}/shells.csv", digits=DIGITS),
        basins=expand("results/pattern_space/{digits}/basins.csv", digits=DIGITS),
        images=expand("results/pattern_space/{digits}/images.csv", digits=[*DIGITS, "whole"]),
        whole=expand("results/pattern_space/whole/{model}/shells.csv", model=SPACE_MODELS),
        certified=expand("results/pattern_space/whole/{model}/certified.csv", model=SPACE_MODELS),
        rare=expand("results/pattern_space/whole/{model}/rare.csv", model=SPACE_MODELS),
    output:
        partition=reported_table("pattern_partition", "7 Pattern space"),
        shares=reported_table("pattern_shares", "7 Pattern space"),
        datasets=reported_table("pattern_datasets", "7 Pattern space"),
        basins=reported_table("basins_exact", "7 Pattern space"),
        certified=reported_table("certified", "7 Pattern space"),
        rare=reported_table("rare_shares", "7 Pattern space"),
        sums=reported_table("pattern_sums", "7 Pattern space"),
    log:
        "results/logs/tabulate_pattern_space.log",
    benchmark:
        "results/performance/tabulate_pattern_space.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={key: SPACE[key] for key in ("radii", "shown_radii")},
        code=code_version("tabulate_pattern_space.py"),
    script:
        "../scripts/tabulate_pattern_space.py"


rule choose_pattern_examples:
    """Patterns of each part by distance, for one network and one memory, and patterns far from all images."""
    input:
        patterns=PATTERNS,
        sample="results/pattern_space/whole/sample.npz",
        network=f"results/models/{SPACE['shown']['network']}/seed0.safetensors",
        memory=f"results/models/{SPACE['shown']['memory']}/seed0.safetensors",
    output:
        "results/pattern_space/whole/examples.npz",
    log:
        "results/logs/choose_pattern_examples.log",
    benchmark:
        "results/performance/choose_pattern_examples.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        settings={
            **{key: SPACE["shown"][key] for key in ("network", "memory", "distances", "far")},
            "sweeps": config["recall"]["sweeps"],
        },
        code=code_version("choose_pattern_examples.py"),
    script:
        "../scripts/choose_pattern_examples.py"


rule draw_pattern_space:
    """Parts by distance for all models, a small space as a map, patterns to be looked at, and the test of the intervals."""
    input:
        shares="results/tables/pattern_shares.csv",
        datasets="results/tables/pattern_datasets.csv",
        maps=f"results/pattern_space/{SPACE['shown']['digits']}/maps.npz",
        examples="results/pattern_space/whole/examples.npz",
        coverage="results/tables/coverage.csv",
    output:
        partition=reported_figure("pattern_partition", "7 Pattern space"),
        map=reported_figure("pattern_space_map", "7 Pattern space"),
        examples=reported_figure("pattern_examples", "7 Pattern space"),
        coverage=reported_figure("coverage", "7 Pattern space"),
    log:
        "results/logs/draw_pattern_space.log",
    benchmark:
        "results/performance/draw_pattern_space.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings={
            "network": SPACE["shown"]["network"],
            "memory": SPACE["shown"]["basins"],
            "radius": SPACE["shown"]["radius"],
            "dataset": f"{DATASET}_{SPACE['shown']['digits']}",
        },
        code=code_version("draw_pattern_space.py"),
    script:
        "../scripts/draw_pattern_space.py"


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
            "dataset": DATASET,
            **{key: SPACE["shown"][key] for key in ("network", "memory")},
            "radii": SPACE["shown_radii"],
        },
        code=code_version("describe_pattern_space.py"),
    script:
        "../scripts/describe_pattern_space.py"
