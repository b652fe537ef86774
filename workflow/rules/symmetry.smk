"""The weight space's symmetries: equioutput copies of networks, the same done to memories, and the order of units
during training."""


localrules:
    tabulate_equioutput,
    tabulate_hopfield_symmetry,
    tabulate_ordering,


rule measure_equioutput:
    """All copies of small networks and random copies of the trained ones: differences of outputs, angles and distances."""
    input:
        patterns=plan.patterns,
        models=expand(
            "results/models/{network}/seed{seed}.safetensors", network=config["symmetry"]["network"], seed=plan.seeds
        ),
    output:
        rows="results/symmetry/equioutput.csv",
        example="results/symmetry/equioutput_example.npz",
    log:
        "results/logs/measure_equioutput.log",
    benchmark:
        "results/performance/measure_equioutput.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(30),
    params:
        settings={key: config["symmetry"][key] for key in ("network", "units", "copies", "patterns")},
        code=code_version("measure_equioutput.py"),
    script:
        "../scripts/measure_equioutput.py"


rule measure_network_copies:
    """Random copies of further trained networks, convolutional and rectified ones included: differences of outputs."""
    input:
        patterns=plan.patterns,
        models=plan.files_of(config["symmetry"]["further"], "results/models/{model}/seed{seed}.safetensors"),
    output:
        "results/symmetry/network_copies.csv",
    log:
        "results/logs/measure_network_copies.log",
    benchmark:
        "results/performance/measure_network_copies.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(30),
    params:
        settings={key: config["symmetry"][key] for key in ("further_copies", "patterns")},
        code=code_version("measure_network_copies.py"),
    script:
        "../scripts/measure_network_copies.py"


rule measure_nearest_copies:
    """How far a random start lies from the nearest copy of a solution, by width."""
    input:
        patterns=plan.patterns,
    output:
        "results/symmetry/nearest_copies.csv",
    log:
        "results/logs/measure_nearest_copies.log",
    benchmark:
        "results/performance/measure_nearest_copies.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(30),
    params:
        settings=plan.nearest_copies_settings(),
        code=code_version("measure_nearest_copies.py"),
    script:
        "../scripts/measure_nearest_copies.py"


rule measure_hopfield_symmetry:
    """Memories with their neurons, stored patterns or weights transformed: which answers change."""
    input:
        patterns=plan.patterns,
        models=expand(
            "results/models/{memory}/seed{seed}.safetensors", memory=config["symmetry"]["memories"], seed=plan.seeds
        ),
    output:
        "results/symmetry/memories.csv",
    log:
        "results/logs/measure_hopfield_symmetry.log",
    benchmark:
        "results/performance/measure_hopfield_symmetry.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(30),
    params:
        settings={key: config["symmetry"][key] for key in ("memories", "images", "draws")}
        | {"seeds": config["seeds"], "sweeps": config["recall"]["sweeps"]},
        code=code_version("measure_hopfield_symmetry.py"),
    script:
        "../scripts/measure_hopfield_symmetry.py"


rule measure_ordering:
    """Whether training keeps the order of a layer's units, after every step."""
    input:
        patterns=plan.patterns,
    output:
        "results/symmetry/ordering.csv",
    log:
        "results/logs/measure_ordering.log",
    benchmark:
        "results/performance/measure_ordering.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(30),
    params:
        settings=plan.ordering_settings(),
        code=code_version("measure_ordering.py"),
    script:
        "../scripts/measure_ordering.py"


rule tabulate_equioutput:
    """How equal the outputs of copies are, how far apart the copies lie, and how near the nearest one is."""
    input:
        copies="results/symmetry/equioutput.csv",
        further="results/symmetry/network_copies.csv",
        nearest="results/symmetry/nearest_copies.csv",
    output:
        table("equioutput"),
    log:
        "results/logs/tabulate_equioutput.log",
    benchmark:
        "results/performance/tabulate_equioutput.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("tabulate_equioutput.py"),
    script:
        "../scripts/tabulate_equioutput.py"


rule tabulate_hopfield_symmetry:
    """Which answers of memories change under interchanges, flips and other weights."""
    input:
        "results/symmetry/memories.csv",
    output:
        table("hopfield_symmetry"),
    log:
        "results/logs/tabulate_hopfield_symmetry.log",
    benchmark:
        "results/performance/tabulate_hopfield_symmetry.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("tabulate_hopfield_symmetry.py"),
    script:
        "../scripts/tabulate_hopfield_symmetry.py"


rule tabulate_ordering:
    """Whether training keeps the order of a layer's units, by setting and by what they are ordered by."""
    input:
        "results/symmetry/ordering.csv",
    output:
        table("ordering"),
    log:
        "results/logs/tabulate_ordering.log",
    benchmark:
        "results/performance/tabulate_ordering.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("tabulate_ordering.py"),
    script:
        "../scripts/tabulate_ordering.py"


rule draw_equioutput:
    """Figure 6: a layer's weights and their copies, what copies change at the output, and how far apart they lie."""
    input:
        table="results/tables/equioutput.csv",
        example="results/symmetry/equioutput_example.npz",
    output:
        figure("fig6_equioutput_cones"),
    log:
        "results/logs/draw_equioutput.log",
    benchmark:
        "results/performance/draw_equioutput.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_equioutput.py"),
    script:
        "../scripts/draw_equioutput.py"


rule draw_ordering:
    """Whether training keeps the order of a layer's units, by step and by how far units move."""
    input:
        "results/symmetry/ordering.csv",
    output:
        figure("ordering"),
    log:
        "results/logs/draw_ordering.log",
    benchmark:
        "results/performance/draw_ordering.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_ordering.py"),
    script:
        "../scripts/draw_ordering.py"
