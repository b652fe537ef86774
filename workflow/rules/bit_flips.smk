"""Attacks on binary patterns, the budget a number of flipped bits, against networks, memories and both together."""


localrules:
    tabulate_bit_flips,


rule attack_binary:
    """All attacks of the binary domain on one model, all seeds."""
    input:
        patterns=plan.patterns,
        models=lambda wildcards: plan.trained_files(wildcards.flipped),
    output:
        "results/binary_attacks/{flipped}.npz",
    log:
        "results/logs/attack_binary/{flipped}.log",
    benchmark:
        "results/performance/attack_binary/{flipped}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(60),
    params:
        settings=lambda wildcards: plan.flip_attack_settings(wildcards.flipped),
        code=code_version("attack_binary.py"),
    script:
        "../scripts/attack_binary.py"


rule choose_attacked_images:
    """Clean answers of all models to the same test images: models are compared on those that both answer rightly."""
    input:
        patterns=plan.patterns,
        models=expand(MODEL, model=plan.trained_parts(plan.flipped), seed=plan.compared_seeds),
    output:
        "results/flip_searches/clean_answers.npz",
    log:
        "results/logs/choose_attacked_images.log",
    benchmark:
        "results/performance/choose_attacked_images.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(20),
    params:
        settings=plan.clean_answer_settings(),
        code=code_version("choose_attacked_images.py"),
    script:
        "../scripts/choose_attacked_images.py"


rule search_flips:
    """The portfolio on one model, all seeds: the fewest flips by number of queries, the same for every model."""
    input:
        patterns=plan.patterns,
        answers="results/flip_searches/clean_answers.npz",
        models=lambda wildcards: plan.trained_files(wildcards.flipped),
    output:
        "results/flip_searches/{flipped}.npz",
    log:
        "results/logs/search_flips/{flipped}.log",
    benchmark:
        "results/performance/search_flips/{flipped}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(60),
    params:
        settings=lambda wildcards: plan.search_settings(wildcards.flipped),
        code=code_version("search_flips.py"),
    script:
        "../scripts/search_flips.py"


rule flip_at_random:
    """Test patterns with random flips at every budget, all seeds: noise of the attacks' size."""
    input:
        patterns=plan.patterns,
    output:
        "results/binary_attacks/random.npz",
    log:
        "results/logs/flip_at_random.log",
    benchmark:
        "results/performance/flip_at_random.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(10),
    params:
        settings=plan.random_flip_settings(),
        code=code_version("flip_at_random.py"),
    script:
        "../scripts/flip_at_random.py"


rule score_flips:
    """All models of one seed on all binary patterns, their own, each other's and random ones, checked bit by bit."""
    input:
        patterns=plan.patterns,
        random="results/binary_attacks/random.npz",
        attacked=expand("results/binary_attacks/{flipped}.npz", flipped=plan.flipped),
        searches=expand("results/flip_searches/{flipped}.npz", flipped=plan.flipped),
        models=expand("results/models/{model}/seed{{seed}}.safetensors", model=plan.trained_parts(plan.flipped)),
    output:
        "results/binary_scores/seed{seed}.npz",
    log:
        "results/logs/score_flips/seed{seed}.log",
    benchmark:
        "results/performance/score_flips/seed{seed}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(60),
    params:
        settings=plan.flip_score_settings(),
        code=code_version("score_flips.py"),
    script:
        "../scripts/score_flips.py"


rule check_flips:
    """The attacks against each other, and on models whose smallest numbers of flips are known or whose gradients are hidden."""
    input:
        patterns=plan.patterns,
        scores=expand("results/binary_scores/seed{seed}.npz", seed=plan.compared_seeds),
        attacked=expand("results/binary_attacks/{flipped}.npz", flipped=[*plan.flipped, "random"]),
        answers="results/flip_searches/clean_answers.npz",
        searches=expand("results/flip_searches/{flipped}.npz", flipped=plan.flipped),
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
        mem_mb=memory_mb(2000),
        runtime=minutes(20),
    params:
        settings=plan.checked_flip_settings(),
        code=code_version("check_flips.py"),
    script:
        "../scripts/check_flips.py"


rule tabulate_bit_flips:
    """Error by number of flipped bits, smallest numbers of flips, transfer, and what claims C4, C15 and C17 compare."""
    input:
        patterns=plan.patterns,
        scores=expand("results/binary_scores/seed{seed}.npz", seed=plan.compared_seeds),
        answers="results/flip_searches/clean_answers.npz",
        searches=expand("results/flip_searches/{flipped}.npz", flipped=plan.flipped),
    output:
        flips=table("flips"),
        minimal=table("minimal_flips"),
        transfer=table("flip_transfer"),
        differences=table("flip_differences"),
        strength=table("attack_strength"),
        purification=table("purification"),
    log:
        "results/logs/tabulate_bit_flips.log",
    benchmark:
        "results/performance/tabulate_bit_flips.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings=plan.flip_table_settings(),
        code=code_version("tabulate_bit_flips.py"),
    script:
        "../scripts/tabulate_bit_flips.py"


rule draw_bit_flips:
    """Error by number of flipped bits for every model, and, where they are compared, recall before a network and heads on the same features."""
    input:
        flips="results/tables/flips.csv",
        minimal="results/tables/minimal_flips.csv",
        differences="results/tables/flip_differences.csv",
    output:
        **{name: figure(name) for name in plan.flip_figures()},
    log:
        "results/logs/draw_bit_flips.log",
    benchmark:
        "results/performance/draw_bit_flips.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=plan.flip_figure_settings(),
        code=code_version("draw_bit_flips.py"),
    script:
        "../scripts/draw_bit_flips.py"
