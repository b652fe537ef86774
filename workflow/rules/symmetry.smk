"""The weight space's symmetries: equioutput copies of networks, barriers between networks up to copies, the same done to
memories, and the order of units during training."""


localrules:
    tabulate_equioutput,
    tabulate_barriers,
    tabulate_hopfield_symmetry,
    tabulate_ordering,


rule measure_equioutput:
    """Copies of small, trained and further networks: differences of outputs, angles and distances; and how far a random start lies from the nearest copy of a solution, by width."""
    input:
        patterns=plan.patterns,
        models=plan.files_of([config["symmetry"]["network"]], MODEL),
        further=plan.files_of(config["symmetry"]["further"], MODEL),
    output:
        copies="results/symmetry/copies.csv",
        nearest="results/symmetry/nearest_copies.csv",
        example="results/symmetry/equioutput_example.npz",
    log:
        "results/logs/measure_equioutput.log",
    benchmark:
        "results/performance/measure_equioutput.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(60),
    params:
        settings=plan.equioutput_settings(),
        code=code_version("measure_equioutput.py"),
    script:
        "../scripts/measure_equioutput.py"


rule measure_barriers:
    """Loss and error on the straight line between networks of each two seeds, as they stand and up to copies: trained networks, and small ones by width and length of training."""
    input:
        patterns=plan.patterns,
        raw=plan.raw if any(config["networks"][name]["input"] == "grey" for name in plan.copied) else [],
        models=plan.files_of(plan.copied, MODEL),
    output:
        "results/symmetry/barriers.csv",
    log:
        "results/logs/measure_barriers.log",
    benchmark:
        "results/performance/measure_barriers.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(60),
    params:
        settings=plan.barrier_settings(),
        code=code_version("measure_barriers.py"),
    script:
        "../scripts/measure_barriers.py"


rule measure_hopfield_symmetry:
    """Memories with their neurons, stored patterns or weights transformed: which answers change."""
    input:
        patterns=plan.patterns,
        models=plan.files_of(config["symmetry"]["memories"], MODEL),
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
        settings=plan.hopfield_symmetry_settings(),
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
        copies="results/symmetry/copies.csv",
        nearest="results/symmetry/nearest_copies.csv",
    output:
        equioutput=table("equioutput"),
    log:
        "results/logs/tabulate_equioutput.log",
    benchmark:
        "results/performance/tabulate_equioutput.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("tabulate_symmetry.py"),
    script:
        "../scripts/tabulate_symmetry.py"


# What loss and error rise to between networks of two seeds, up to copies.
use rule tabulate_equioutput as tabulate_barriers with:
    input:
        barriers="results/symmetry/barriers.csv",
    output:
        barriers=table("barriers"),
    log:
        "results/logs/tabulate_barriers.log",
    benchmark:
        "results/performance/tabulate_barriers.jsonl"


# Which answers of memories change under interchanges, flips and other weights.
use rule tabulate_equioutput as tabulate_hopfield_symmetry with:
    input:
        memories="results/symmetry/memories.csv",
    output:
        hopfield_symmetry=table("hopfield_symmetry"),
    log:
        "results/logs/tabulate_hopfield_symmetry.log",
    benchmark:
        "results/performance/tabulate_hopfield_symmetry.jsonl"


# Whether training keeps the order of a layer's units, by setting and by what they are ordered by.
use rule tabulate_equioutput as tabulate_ordering with:
    input:
        ordering="results/symmetry/ordering.csv",
    output:
        ordering=table("ordering"),
    log:
        "results/logs/tabulate_ordering.log",
    benchmark:
        "results/performance/tabulate_ordering.jsonl"


rule draw_symmetry:
    """Figure 6, a layer's weights and their copies, what copies change at the output, and how far apart they lie; barriers between networks; and whether training keeps the order of units."""
    input:
        equioutput="results/tables/equioutput.csv",
        example="results/symmetry/equioutput_example.npz",
        barriers="results/tables/barriers.csv",
        ordering="results/symmetry/ordering.csv",
    output:
        equioutput=figure("fig6_equioutput_cones"),
        barriers=figure("barriers"),
        ordering=figure("ordering"),
    log:
        "results/logs/draw_symmetry.log",
    benchmark:
        "results/performance/draw_symmetry.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_symmetry.py"),
    script:
        "../scripts/draw_symmetry.py"
