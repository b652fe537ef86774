"""Landscapes: energy over patterns, loss over weights, and the state space of a network small enough to be shown whole."""

LANDSCAPE_MEMORY = config["energy_landscape"]["memory"]
PATH_NETWORK = config["gradient_descent_path"]["network"]


rule map_energy_landscape:
    """Energy over a plane of patterns through three stored images, before and after learning."""
    input:
        patterns=PATTERNS,
        model=f"results/models/{LANDSCAPE_MEMORY}/seed0.safetensors",
    output:
        "results/landscapes/energy.npz",
    log:
        "results/logs/map_energy_landscape.log",
    benchmark:
        "results/performance/map_energy_landscape.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory(1000),
        runtime=minutes(5),
    params:
        settings=config["energy_landscape"]
        | {
            "margin": config["memories"][LANDSCAPE_MEMORY].get("margin", 0),
        },
        code=code_version("map_energy_landscape.py"),
    script:
        "../scripts/map_energy_landscape.py"


rule trace_gradient_descent:
    """The weights along one training, and the loss on the plane of the path's two main directions."""
    input:
        training_images(PATH_NETWORK),
    output:
        "results/landscapes/gradient_descent.npz",
    log:
        "results/logs/trace_gradient_descent.log",
    benchmark:
        "results/performance/trace_gradient_descent.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        settings=config["gradient_descent_path"] | {"definition": network_definition(PATH_NETWORK)},
        code=code_version("trace_gradient_descent.py"),
    script:
        "../scripts/trace_gradient_descent.py"


rule follow_small_network:
    """Six neurons, 64 states, each followed to its attractor."""
    input:
        RAW,
    output:
        "results/landscapes/small_network.npz",
    log:
        "results/logs/follow_small_network.log",
    benchmark:
        "results/performance/follow_small_network.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory(1000),
        runtime=minutes(5),
    params:
        settings=config["small_network"],
        code=code_version("follow_small_network.py"),
    script:
        "../scripts/follow_small_network.py"
