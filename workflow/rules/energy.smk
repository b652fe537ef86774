"""Energy: landscapes over patterns before and after learning, stored patterns as minima, the descent of the loss, and
a network small enough to be shown whole."""


localrules:
    tabulate_stability,


rule map_energy_landscape:
    """Energy over a plane of patterns through three stored images, before and after learning."""
    input:
        patterns=plan.patterns,
        model=MODEL.format(model=config["energy_landscape"]["memory"], seed=0),
    output:
        "results/landscapes/energy.npz",
    log:
        "results/logs/map_energy_landscape.log",
    benchmark:
        "results/performance/map_energy_landscape.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(5),
    params:
        settings=config["energy_landscape"]
        | {
            "margin": config["memories"][config["energy_landscape"]["memory"]].get("margin", 0),
        },
        code=code_version("map_energy_landscape.py"),
    script:
        "../scripts/map_energy_landscape.py"


rule trace_gradient_descent:
    """The weights along one training, and the loss on the plane of the path's two main directions."""
    input:
        plan.training_images(config["gradient_descent_path"]["network"]),
    output:
        "results/landscapes/gradient_descent.npz",
    log:
        "results/logs/trace_gradient_descent.log",
    benchmark:
        "results/performance/trace_gradient_descent.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(30),
    params:
        settings=config["gradient_descent_path"]
        | {"definition": plan.network(config["gradient_descent_path"]["network"])},
        code=code_version("trace_gradient_descent.py"),
    script:
        "../scripts/trace_gradient_descent.py"


rule follow_small_network:
    """Six neurons, 64 states, each followed to its attractor."""
    input:
        plan.raw,
    output:
        "results/landscapes/small_network.npz",
    log:
        "results/logs/follow_small_network.log",
    benchmark:
        "results/performance/follow_small_network.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(5),
    params:
        settings=config["small_network"],
        code=code_version("follow_small_network.py"),
    script:
        "../scripts/follow_small_network.py"


rule count_minima:
    """Stored patterns that are strict minima among all single and double flips, for all seeds of a memory."""
    input:
        models=expand("results/models/{{memory}}/seed{seed}.safetensors", seed=plan.seeds),
    output:
        "results/stability/{memory}.csv",
    log:
        "results/logs/count_minima/{memory}.log",
    benchmark:
        "results/performance/count_minima/{memory}.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(20),
    params:
        settings=lambda wildcards: {"margin": config["memories"][wildcards.memory].get("margin", 0)},
        code=code_version("count_minima.py"),
    script:
        "../scripts/count_minima.py"


rule tabulate_stability:
    """Stored patterns as minima of the energy."""
    input:
        expand("results/stability/{memory}.csv", memory=plan.storing),
    output:
        table("stability"),
    log:
        "results/logs/tabulate_stability.log",
    benchmark:
        "results/performance/tabulate_stability.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"memories": plan.storing_memories()},
        code=code_version("tabulate_stability.py"),
    script:
        "../scripts/tabulate_stability.py"


rule draw_hopfield_network:
    """Figure 1: a network of six neurons, its weights and its fixed points."""
    input:
        "results/landscapes/small_network.npz",
    output:
        figure("fig1_hopfield_network"),
    log:
        "results/logs/draw_hopfield_network.log",
    benchmark:
        "results/performance/draw_hopfield_network.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_hopfield_network.py"),
    script:
        "../scripts/draw_hopfield_network.py"


rule draw_energy_landscapes:
    """Figures 2 and 4: the energy over a plane of patterns, before and after learning, on the same axes and scale."""
    input:
        "results/landscapes/energy.npz",
    output:
        before=figure("fig2_energy_before_training"),
        after=figure("fig4_energy_after_training"),
    log:
        "results/logs/draw_energy_landscapes.log",
    benchmark:
        "results/performance/draw_energy_landscapes.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_energy_landscapes.py"),
    script:
        "../scripts/draw_energy_landscapes.py"


rule draw_gradient_descent:
    """Figure 3: the path of SGD over the true loss surface."""
    input:
        "results/landscapes/gradient_descent.npz",
    output:
        figure("fig3_gradient_descent"),
    log:
        "results/logs/draw_gradient_descent.log",
    benchmark:
        "results/performance/draw_gradient_descent.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_gradient_descent.py"),
    script:
        "../scripts/draw_gradient_descent.py"


rule draw_energy_change:
    """Figure 5: both surfaces, and the energy of the neighbours of the stored patterns by learning pass."""
    input:
        landscape="results/landscapes/energy.npz",
        histories=expand(HISTORY, model=config["energy_landscape"]["memory"], seed=plan.seeds),
    output:
        figure("fig5_energy_change"),
    log:
        "results/logs/draw_energy_change.log",
    benchmark:
        "results/performance/draw_energy_change.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings={"family": plan.family(config["energy_landscape"]["memory"])},
        code=code_version("draw_energy_change.py"),
    script:
        "../scripts/draw_energy_change.py"
