"""Attacks on binary patterns, the budget a number of flipped bits, against networks, memories and both together; files are re-read by scoring."""

FLIPPED_MODELS = config["binary_attacks"]["run"]["models"]
TABLES += ["flips", "minimal_flips", "flip_transfer", "flip_differences", "purification"]
CHECKS += ["results/checks/binary.csv"]
FIGURES += ["minimal_flips", "purification"] if purifying() else ["minimal_flips"]
PARAGRAPHS += ["results/report/memories_attacked.rst"]


wildcard_constraints:
    flipped="|".join(FLIPPED_MODELS),


localrules:
    tabulate_flips,


rule attack_binary:
    """All attacks of the binary domain on one model, all seeds."""
    input:
        patterns=PATTERNS,
        models=lambda wildcards: trained_files(wildcards.flipped),
    output:
        "results/binary_attacks/{flipped}.npz",
    log:
        "results/logs/attack_binary/{flipped}.log",
    benchmark:
        "results/performance/attack_binary/{flipped}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory(2000),
        runtime=minutes(60),
    params:
        settings=binary_attack_settings,
        code=code_version("attack_binary.py"),
    script:
        "../scripts/attack_binary.py"


rule flip_at_random:
    """Test patterns with random flips at every budget, all seeds: noise of the attacks' size."""
    input:
        patterns=PATTERNS,
    output:
        "results/binary_attacks/random.npz",
    log:
        "results/logs/flip_at_random.log",
    benchmark:
        "results/performance/flip_at_random.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10),
    params:
        settings={
            "seeds": len(COMPARED_SEEDS),
            "images": config["binary_attacks"]["random_images"],
            "budgets": config["binary_attacks"]["budgets"],
        },
        code=code_version("flip_at_random.py"),
    script:
        "../scripts/flip_at_random.py"


rule score_flips:
    """All models of one seed on all binary patterns, their own, each other's and random ones, checked bit by bit."""
    input:
        patterns=PATTERNS,
        random="results/binary_attacks/random.npz",
        attacked=expand("results/binary_attacks/{flipped}.npz", flipped=FLIPPED_MODELS),
        models=expand("results/models/{model}/seed{{seed}}.safetensors", model=trained_parts(FLIPPED_MODELS)),
    output:
        "results/binary_scores/seed{seed}.npz",
    log:
        "results/logs/score_flips/seed{seed}.log",
    benchmark:
        "results/performance/score_flips/seed{seed}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory(2000),
        runtime=minutes(60),
    params:
        settings={
            "models": {name: binary_model(name) for name in FLIPPED_MODELS},
            "trained": trained_parts(FLIPPED_MODELS),
            "sweeps": config["recall"]["sweeps"],
        },
        code=code_version("score_flips.py"),
    script:
        "../scripts/score_flips.py"


rule tabulate_flips:
    """Error by number of flipped bits, smallest numbers of flips, transfer, and what claims C4, C15 and C17 compare."""
    input:
        expand("results/binary_scores/seed{seed}.npz", seed=COMPARED_SEEDS),
    output:
        flips=reported_table("flips", "4 Adversarial images"),
        minimal=reported_table("minimal_flips", "4 Adversarial images"),
        transfer=reported_table("flip_transfer", "4 Adversarial images"),
        differences=reported_table("flip_differences", "4 Adversarial images"),
        purification=reported_table("purification", "4 Adversarial images"),
    log:
        "results/logs/tabulate_flips.log",
    benchmark:
        "results/performance/tabulate_flips.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={
            "knowledge": {
                name: config["binary_attacks"]["attacks"][name]["knowledge"]
                for name in config["binary_attacks"]["run"]["attacks"]
            },
            "pairs": compared_pairs(config),
            "source": config["binary_attacks"]["network"],
        },
        code=code_version("tabulate_flips.py"),
    script:
        "../scripts/tabulate_flips.py"


rule check_flips:
    """The attacks against each other, and on models whose smallest numbers of flips are known or whose gradients are hidden."""
    input:
        patterns=PATTERNS,
        scores=expand("results/binary_scores/seed{seed}.npz", seed=COMPARED_SEEDS),
        attacked=expand("results/binary_attacks/{flipped}.npz", flipped=[*FLIPPED_MODELS, "random"]),
        network=f"results/models/{config['binary_attacks']['network']}/seed0.safetensors",
    output:
        "results/checks/binary.csv",
    log:
        "results/logs/check_flips.log",
    benchmark:
        "results/performance/check_flips.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory(2000),
        runtime=minutes(20),
    params:
        settings=binary_check_settings(),
        code=code_version("check_flips.py"),
    script:
        "../scripts/check_flips.py"


rule draw_minimal_flips:
    """Error by number of flipped bits, attacked and at random, for every model."""
    input:
        flips="results/tables/flips.csv",
        minimal="results/tables/minimal_flips.csv",
    output:
        reported_figure("minimal_flips", "4 Adversarial images"),
    log:
        "results/logs/draw_minimal_flips.log",
    benchmark:
        "results/performance/draw_minimal_flips.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings={"network": config["binary_attacks"]["network"]},
        code=code_version("draw_minimal_flips.py"),
    script:
        "../scripts/draw_minimal_flips.py"


rule draw_purification:
    """Recall before a network, and heads on the same features, by number of flipped bits."""
    input:
        "results/tables/flip_differences.csv",
    output:
        reported_figure("purification", "4 Adversarial images"),
    log:
        "results/logs/draw_purification.log",
    benchmark:
        "results/performance/draw_purification.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_purification.py"),
    script:
        "../scripts/draw_purification.py"


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
        settings=attacked_groups(),
        code=code_version("summarise_memories_attacked.py"),
    script:
        "../scripts/summarise_memories_attacked.py"
