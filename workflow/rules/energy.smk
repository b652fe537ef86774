"""Energy: landscapes over patterns before and after learning, stored patterns as minima, the descent of the loss, and
a network small enough to be shown whole."""


localrules:
    tabulate_energy,


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
        settings=plan.landscape_settings(),
        code=code_version("map_energy_landscape.py"),
    script:
        "../scripts/map_energy_landscape.py"


rule trace_gradient_descent:
    """The weights along one training, and the loss on the plane of the path's two main directions."""
    input:
        images=plan.training_images(config["gradient_descent_path"]["network"]),
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
        settings=plan.descent_settings(),
        code=code_version("trace_gradient_descent.py"),
    script:
        "../scripts/trace_gradient_descent.py"


rule follow_small_network:
    """Six neurons, 64 states, each followed to its attractor."""
    input:
        images=plan.raw,
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
        settings=lambda wildcards: {"margin": plan.margin(wildcards.memory)},
        code=code_version("count_minima.py"),
    script:
        "../scripts/count_minima.py"


rule tabulate_energy:
    """Stored patterns as minima of the energy."""
    input:
        measured=expand("results/stability/{memory}.csv", memory=plan.storing),
    output:
        stability=table("stability"),
    log:
        "results/logs/tabulate_energy.log",
    benchmark:
        "results/performance/tabulate_energy.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"memories": plan.storing_memories()},
        code=code_version("tabulate_energy.py"),
    script:
        "../scripts/tabulate_energy.py"


rule draw_energy:
    """Figures 1 to 5: a network of six neurons, the energy before and after learning and what changed, and the descent of the loss."""
    input:
        network="results/landscapes/small_network.npz",
        energy="results/landscapes/energy.npz",
        descent="results/landscapes/gradient_descent.npz",
        histories=expand(HISTORY, model=config["energy_landscape"]["memory"], seed=plan.seeds),
    output:
        network=figure("fig1_hopfield_network"),
        before=figure("fig2_energy_before_training"),
        descent=figure("fig3_gradient_descent"),
        after=figure("fig4_energy_after_training"),
        change=figure("fig5_energy_change"),
    log:
        "results/logs/draw_energy.log",
    benchmark:
        "results/performance/draw_energy.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings={"family": plan.family(config["energy_landscape"]["memory"])},
        code=code_version("draw_energy.py"),
    script:
        "../scripts/draw_energy.py"
