"""The weight space: exact partitions of small ones, volumes of large ones, the paper's cones, loss levels, and how dimension helps."""

GAINS = config["weight_space"]["volume"]["gains"]
TABLES += ["weight_partition", "memory_weight_partition", "weight_volume"]


wildcard_constraints:
    gain="[0-9.]+",


localrules:
    tabulate_weight_partition,
    tabulate_weight_volume,


rule enumerate_weights:
    """All binary weights of small networks and all binary matrices of small memories, counted by class; volumes of single real-valued rows."""
    input:
        patterns=PATTERNS,
    output:
        binary="results/weight_space/binary_weights.csv",
        matrices="results/weight_space/matrices.csv",
        rows="results/weight_space/rows.csv",
    log:
        "results/logs/enumerate_weights.log",
    benchmark:
        "results/performance/enumerate_weights.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        settings={key: config["weight_space"][key] for key in ("binary_weights", "matrices", "rows")},
        code=code_version("enumerate_weights.py"),
    script:
        "../scripts/enumerate_weights.py"


rule simulate_weight_volume:
    """The curve of log-volume against errors of a tanh network with weights on spheres of one gain, by subset simulation."""
    input:
        patterns=PATTERNS,
    output:
        "results/weight_space/volume/gain{gain}.csv",
    log:
        "results/logs/simulate_weight_volume/gain{gain}.log",
    benchmark:
        "results/performance/simulate_weight_volume/gain{gain}.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory(1000),
        runtime=minutes(60),
    params:
        settings=volume_settings(),
        code=code_version("simulate_weight_volume.py"),
    script:
        "../scripts/simulate_weight_volume.py"


rule tabulate_weight_partition:
    """Exact shares of the classes among binary weights and binary matrices, and the volume of a real-valued row."""
    input:
        binary="results/weight_space/binary_weights.csv",
        matrices="results/weight_space/matrices.csv",
        rows="results/weight_space/rows.csv",
    output:
        weights=reported_table("weight_partition", "6 Weight space"),
        memories=reported_table("memory_weight_partition", "6 Weight space"),
    log:
        "results/logs/tabulate_weight_partition.log",
    benchmark:
        "results/performance/tabulate_weight_partition.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("tabulate_weight_partition.py"),
    script:
        "../scripts/tabulate_weight_partition.py"


rule tabulate_weight_volume:
    """log10 volume by number of training errors, and of W_e, W_g and W_n."""
    input:
        expand("results/weight_space/volume/gain{gain}.csv", gain=GAINS),
    output:
        reported_table("weight_volume", "6 Weight space"),
    log:
        "results/logs/tabulate_weight_volume.log",
    benchmark:
        "results/performance/tabulate_weight_volume.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("tabulate_weight_volume.py"),
    script:
        "../scripts/tabulate_weight_volume.py"
