"""The weight space's symmetries: equioutput copies of networks, the same done to memories, and the order of units during training."""

COPIED = config["symmetry"]["network"]
TABLES += ["equioutput", "hopfield_symmetry", "ordering"]
FIGURES += ["fig6_equioutput_cones", "ordering"]
PARAGRAPHS += ["results/report/symmetry.rst"]


localrules:
    tabulate_equioutput,
    tabulate_hopfield_symmetry,
    tabulate_ordering,
    describe_symmetry,


rule measure_equioutput:
    """All copies of small networks and random copies of the trained ones: differences of outputs, angles and distances."""
    input:
        patterns=PATTERNS,
        models=expand("results/models/{network}/seed{seed}.safetensors", network=COPIED, seed=SEEDS),
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
        mem_mb=memory(1000),
        runtime=minutes(30),
    params:
        settings={key: config["symmetry"][key] for key in ("network", "units", "copies", "patterns")},
        code=code_version("measure_equioutput.py"),
    script:
        "../scripts/measure_equioutput.py"


rule measure_network_copies:
    """Random copies of further trained networks, convolutional and rectified ones included: differences of outputs."""
    input:
        patterns=PATTERNS,
        models=files_of(config["symmetry"]["further"], "results/models/{model}/seed{seed}.safetensors"),
    output:
        "results/symmetry/network_copies.csv",
    log:
        "results/logs/measure_network_copies.log",
    benchmark:
        "results/performance/measure_network_copies.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory(1000),
        runtime=minutes(30),
    params:
        settings={key: config["symmetry"][key] for key in ("further_copies", "patterns")},
        code=code_version("measure_network_copies.py"),
    script:
        "../scripts/measure_network_copies.py"


rule measure_nearest_copies:
    """How far a random start lies from the nearest copy of a solution, by width."""
    input:
        patterns=PATTERNS,
    output:
        "results/symmetry/nearest_copies.csv",
    log:
        "results/logs/measure_nearest_copies.log",
    benchmark:
        "results/performance/measure_nearest_copies.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory(1000),
        runtime=minutes(30),
    params:
        settings={
            "images": config["ordering"]["images"],
            "seeds": config["seeds"],
            "training": {key: config["ordering"][key] for key in ("steps", "batch_size", "learning_rate")}
            | {"widths": config["symmetry"]["widths"]},
        },
        code=code_version("measure_nearest_copies.py"),
    script:
        "../scripts/measure_nearest_copies.py"


rule measure_hopfield_symmetry:
    """Memories with their neurons, stored patterns or weights transformed: which answers change."""
    input:
        patterns=PATTERNS,
        models=expand(
            "results/models/{memory}/seed{seed}.safetensors", memory=config["symmetry"]["memories"], seed=SEEDS
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
        mem_mb=memory(1000),
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
        patterns=PATTERNS,
    output:
        "results/symmetry/ordering.csv",
    log:
        "results/logs/measure_ordering.log",
    benchmark:
        "results/performance/measure_ordering.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory(1000),
        runtime=minutes(30),
    params:
        settings={
            **{key: config["ordering"][key] for key in ("images", "steps", "batch_size", "equivariance")},
            "seeds": config["seeds"],
            "varied": {
                key: config["ordering"][key]
                for key in ("width", "learning_rate", "widths", "learning_rates", "gaps", "optimisers")
            },
        },
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
        reported_table("equioutput", "6 Weight space"),
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
        reported_table("hopfield_symmetry", "6 Weight space"),
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
        reported_table("ordering", "6 Weight space"),
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
        reported_figure("fig6_equioutput_cones", "6 Weight space"),
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
        reported_figure("ordering", "6 Weight space"),
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


rule describe_symmetry:
    """The paragraph on copies, order and memories for the report's first page."""
    input:
        "results/tables/equioutput.csv",
        "results/tables/ordering.csv",
        "results/tables/hopfield_symmetry.csv",
    output:
        "results/report/symmetry.rst",
    log:
        "results/logs/describe_symmetry.log",
    benchmark:
        "results/performance/describe_symmetry.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("describe_symmetry.py"),
    script:
        "../scripts/describe_symmetry.py"
