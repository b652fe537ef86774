"""Attacks on binary patterns, the budget a number of flipped bits, against networks, memories and both together; files are re-read by scoring."""

FLIPPED_MODELS = config["binary_attacks"]["run"]["models"]
TABLES += ["flips", "minimal_flips", "flip_transfer", "flip_differences", "purification"]


wildcard_constraints:
    target="|".join(FLIPPED_MODELS),


rule attack_binary:
    """All attacks of the binary domain on one model, all seeds."""
    input:
        patterns=PATTERNS,
        models=lambda wildcards: trained_files(wildcards.target),
    output:
        "results/binary_attacks/{target}.npz",
    log:
        "results/logs/attack_binary/{target}.log",
    benchmark:
        "results/performance/attack_binary/{target}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
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
        mem_mb=1000,
        runtime=10,
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
        attacked=expand("results/binary_attacks/{target}.npz", target=FLIPPED_MODELS),
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
        mem_mb=2000,
        runtime=60,
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
            "pairs": compared_pairs(),
            "source": config["binary_attacks"]["network"],
        },
        code=code_version("tabulate_flips.py"),
    script:
        "../scripts/tabulate_flips.py"
