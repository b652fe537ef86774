"""Retrieval: how much each learning rule holds, how far its basins reach, and how recall goes."""


localrules:
    tabulate_capacity,
    tabulate_basins,
    tabulate_attractors,
    tabulate_recall_dynamics,
    tabulate_nearest_pattern,
    tabulate_nearest_pattern_of_claim,


rule measure_capacity:
    """One rule on ever more random patterns and ever more images, all seeds: fixed points, stable bits, retrieval, recovery."""
    input:
        patterns=plan.patterns,
    output:
        "results/capacity/{learning_rule}.csv",
    log:
        "results/logs/measure_capacity/{learning_rule}.log",
    benchmark:
        "results/performance/measure_capacity/{learning_rule}.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(60),
    params:
        settings=lambda wildcards: plan.capacity_settings(wildcards.learning_rule),
        code=code_version("measure_capacity.py"),
    script:
        "../scripts/measure_capacity.py"


rule measure_recall:
    """Where one memory's recall ends from ever farther away from its stored patterns, and how that of test images goes, all seeds."""
    input:
        patterns=plan.patterns,
        models=expand("results/models/{{memory}}/seed{seed}.safetensors", seed=plan.seeds),
    output:
        basins="results/basins/{memory}.csv",
        dynamics="results/recall_dynamics/{memory}.npz",
        nearest="results/nearest_pattern/{memory}.csv",
    log:
        "results/logs/measure_recall/{memory}.log",
    benchmark:
        "results/performance/measure_recall/{memory}.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(60),
    params:
        settings=plan.recall_settings(),
        code=code_version("measure_recall.py"),
    script:
        "../scripts/measure_recall.py"


rule follow_all_states:
    """Small memories of every rule: each of their states followed to its attractor."""
    input:
        patterns=plan.patterns,
    output:
        "results/attractors.csv",
    log:
        "results/logs/follow_all_states.log",
    benchmark:
        "results/performance/follow_all_states.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(30),
    params:
        settings={"rules": plan.learning_rules(), "networks": config["attractors"]},
        code=code_version("follow_all_states.py"),
    script:
        "../scripts/follow_all_states.py"


rule tabulate_capacity:
    """Capacity of each rule with what the literature gives, and the shares by load behind it."""
    input:
        measured=expand("results/capacity/{learning_rule}.csv", learning_rule=config["capacity"]["run"]),
    output:
        capacity=table("capacity"),
        capacity_shares=table("capacity_shares"),
    log:
        "results/logs/tabulate_capacity.log",
    benchmark:
        "results/performance/tabulate_capacity.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"rules": plan.learning_rules()},
        code=code_version("tabulate_retrieval.py"),
    script:
        "../scripts/tabulate_retrieval.py"


# Whether recall ends in the stored pattern nearest to the input.
use rule tabulate_capacity as tabulate_nearest_pattern with:
    input:
        measured=expand("results/nearest_pattern/{memory}.csv", memory=plan.storing),
    output:
        nearest_pattern=table("nearest_pattern"),
    log:
        "results/logs/tabulate_nearest_pattern.log",
    benchmark:
        "results/performance/tabulate_nearest_pattern.jsonl"
    params:
        settings={},
        code=code_version("tabulate_retrieval.py"),


use rule tabulate_nearest_pattern as tabulate_nearest_pattern_of_claim with:
    input:
        measured=lambda wildcards: expand(
            "results/nearest_pattern/{memory}.csv",
            memory=models_of_claim(wildcards, "nearest_pattern", "memory", plan.storing),
        ),
    output:
        nearest_pattern=claim_table("nearest_pattern"),
    log:
        "results/logs/tabulate_nearest_pattern_of_claim/{claim}.log",
    benchmark:
        "results/performance/tabulate_nearest_pattern_of_claim/{claim}.jsonl"


# Where recall ends, by distance from a stored pattern.
use rule tabulate_capacity as tabulate_basins with:
    input:
        measured=expand("results/basins/{memory}.csv", memory=plan.storing),
    output:
        basins=table("basins"),
    log:
        "results/logs/tabulate_basins.log",
    benchmark:
        "results/performance/tabulate_basins.jsonl"
    params:
        settings={},
        code=code_version("tabulate_retrieval.py"),


# How recall goes: sweeps, flips, energy by sweep, and what the order of updating changes.
use rule tabulate_basins as tabulate_recall_dynamics with:
    input:
        measured=expand("results/recall_dynamics/{memory}.npz", memory=plan.storing),
    output:
        recall_dynamics=table("recall_dynamics"),
    log:
        "results/logs/tabulate_recall_dynamics.log",
    benchmark:
        "results/performance/tabulate_recall_dynamics.jsonl"


# Attractors of small memories by kind, and the share of all states that each kind draws.
use rule tabulate_basins as tabulate_attractors with:
    input:
        measured=["results/attractors.csv"],
    output:
        attractors=table("attractors"),
    log:
        "results/logs/tabulate_attractors.log",
    benchmark:
        "results/performance/tabulate_attractors.jsonl"


rule draw_retrieval:
    """How many patterns each rule holds, and where recall leads from ever farther away and from all states of small memories."""
    input:
        capacity="results/tables/capacity.csv",
        capacity_shares="results/tables/capacity_shares.csv",
        basins="results/tables/basins.csv",
        attractors="results/tables/attractors.csv",
    output:
        capacity=figure("capacity"),
        basins=figure("basins"),
    log:
        "results/logs/draw_retrieval.log",
    benchmark:
        "results/performance/draw_retrieval.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings={"families": plan.families([*config["capacity"]["run"], *plan.storing])},
        code=code_version("draw_retrieval.py"),
    script:
        "../scripts/draw_retrieval.py"
