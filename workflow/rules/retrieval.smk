"""Retrieval: how much each learning rule holds, how far its basins reach, and how recall goes."""


localrules:
    tabulate_capacity,
    tabulate_basins,
    tabulate_attractors,
    tabulate_recall_dynamics,


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
        settings=lambda wildcards: {
            "definition": plan.learning_rule(wildcards.learning_rule),
            "dataset": plan.dataset,
            **{key: config["capacity"][key] for key in ("neurons", "loads", "images", "seeds")},
            "probing": {key: config["capacity"][key] for key in ("flipped", "probes", "overlap", "refinements")},
        },
        code=code_version("measure_capacity.py"),
    script:
        "../scripts/measure_capacity.py"


rule measure_basins:
    """Where recall ends from ever farther away from the patterns that one memory stores, all seeds."""
    input:
        models=expand("results/models/{{memory}}/seed{seed}.safetensors", seed=plan.seeds),
    output:
        "results/basins/{memory}.csv",
    log:
        "results/logs/measure_basins/{memory}.log",
    benchmark:
        "results/performance/measure_basins/{memory}.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(30),
    params:
        settings={"sweeps": config["recall"]["sweeps"], "starts": config["basins"]},
        code=code_version("measure_basins.py"),
    script:
        "../scripts/measure_basins.py"


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


rule measure_recall_dynamics:
    """One memory's recall of test images, all seeds: energy by sweep, sweeps and flips, other orders of updating; one row per image."""
    input:
        patterns=plan.patterns,
        models=expand("results/models/{{memory}}/seed{seed}.safetensors", seed=plan.seeds),
    output:
        "results/recall_dynamics/{memory}.npz",
    log:
        "results/logs/measure_recall_dynamics/{memory}.log",
    benchmark:
        "results/performance/measure_recall_dynamics/{memory}.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(30),
    params:
        settings=config["recall_dynamics"] | {"sweeps": config["recall"]["sweeps"]},
        code=code_version("measure_recall_dynamics.py"),
    script:
        "../scripts/measure_recall_dynamics.py"


rule tabulate_capacity:
    """Capacity of each rule with what the literature gives, and the shares by load behind it."""
    input:
        expand("results/capacity/{learning_rule}.csv", learning_rule=config["capacity"]["run"]),
    output:
        capacity=table("capacity"),
        shares=table("capacity_shares"),
    log:
        "results/logs/tabulate_capacity.log",
    benchmark:
        "results/performance/tabulate_capacity.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"rules": plan.learning_rules()},
        code=code_version("tabulate_capacity.py"),
    script:
        "../scripts/tabulate_capacity.py"


rule tabulate_basins:
    """Where recall ends, by distance from a stored pattern."""
    input:
        expand("results/basins/{memory}.csv", memory=plan.storing),
    output:
        table("basins"),
    log:
        "results/logs/tabulate_basins.log",
    benchmark:
        "results/performance/tabulate_basins.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("tabulate_basins.py"),
    script:
        "../scripts/tabulate_basins.py"


rule tabulate_attractors:
    """Attractors of small memories by kind, and the share of all states that each kind draws."""
    input:
        "results/attractors.csv",
    output:
        table("attractors"),
    log:
        "results/logs/tabulate_attractors.log",
    benchmark:
        "results/performance/tabulate_attractors.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("tabulate_attractors.py"),
    script:
        "../scripts/tabulate_attractors.py"


rule tabulate_recall_dynamics:
    """How recall goes: sweeps, flips, energy by sweep, and what the order of updating changes."""
    input:
        expand("results/recall_dynamics/{memory}.npz", memory=plan.storing),
    output:
        table("recall_dynamics"),
    log:
        "results/logs/tabulate_recall_dynamics.log",
    benchmark:
        "results/performance/tabulate_recall_dynamics.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("tabulate_recall_dynamics.py"),
    script:
        "../scripts/tabulate_recall_dynamics.py"


rule draw_capacity:
    """How many patterns each rule holds: shares by load, the capacity, and the literature."""
    input:
        capacity="results/tables/capacity.csv",
        shares="results/tables/capacity_shares.csv",
    output:
        figure("capacity"),
    log:
        "results/logs/draw_capacity.log",
    benchmark:
        "results/performance/draw_capacity.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings={"families": plan.families(config["capacity"]["run"])},
        code=code_version("draw_capacity.py"),
    script:
        "../scripts/draw_capacity.py"


rule draw_basins:
    """Where recall leads, from ever farther away from a stored pattern and from all states of small memories."""
    input:
        basins="results/tables/basins.csv",
        attractors="results/tables/attractors.csv",
    output:
        figure("basins"),
    log:
        "results/logs/draw_basins.log",
    benchmark:
        "results/performance/draw_basins.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings={"families": plan.families(plan.storing)},
        code=code_version("draw_basins.py"),
    script:
        "../scripts/draw_basins.py"
