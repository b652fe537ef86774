"""The weight space: exact partitions of small ones, volumes of large ones, the paper's cones, loss levels, and how
dimension helps."""


localrules:
    tabulate_weight_partition,
    tabulate_weight_volume,
    tabulate_cones,
    tabulate_loss_levels,
    tabulate_dimension,


rule enumerate_weights:
    """All binary weights of small networks and all binary matrices of small memories, counted by class; volumes of single real-valued rows."""
    input:
        patterns=plan.patterns,
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
        mem_mb=memory_mb(2000),
        runtime=minutes(30),
    params:
        settings=plan.enumeration_settings(),
        code=code_version("enumerate_weights.py"),
    script:
        "../scripts/enumerate_weights.py"


rule simulate_weight_volume:
    """The curve of log-volume against errors of a tanh network with weights on spheres of one gain, by subset simulation."""
    input:
        patterns=plan.patterns,
    output:
        "results/weight_space/volume/gain{gain}.csv",
    log:
        "results/logs/simulate_weight_volume/gain{gain}.log",
    benchmark:
        "results/performance/simulate_weight_volume/gain{gain}.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(60),
    params:
        settings=plan.weight_space_settings("volume", without=["gains"]),
        code=code_version("simulate_weight_volume.py"),
    script:
        "../scripts/simulate_weight_volume.py"


rule train_cones:
    """Networks trained on P_t, P_g and P_a + P_r of each seed's network, and the angles between them up to equioutput copies."""
    input:
        patterns=plan.patterns,
        models=plan.files_of([config["weight_space"]["cones"]["network"]], MODEL),
    output:
        "results/weight_space/cones.npz",
    log:
        "results/logs/train_cones.log",
    benchmark:
        "results/performance/train_cones.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(3000),
        runtime=minutes(60),
    params:
        settings=plan.weight_space_settings("cones", without=["network"]),
        code=code_version("train_cones.py"),
    script:
        "../scripts/train_cones.py"


rule measure_loss_levels:
    """Loss and class of weights along great circles through trained ones, and over one sphere."""
    input:
        patterns=plan.patterns,
    output:
        circles="results/weight_space/circles.npz",
        sphere="results/weight_space/sphere.npz",
    log:
        "results/logs/measure_loss_levels.log",
    benchmark:
        "results/performance/measure_loss_levels.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(30),
    params:
        settings=plan.weight_space_settings("loss_levels", without=["bins"]),
        code=code_version("measure_loss_levels.py"),
    script:
        "../scripts/measure_loss_levels.py"


rule measure_dimension:
    """Steps of gradient descent to a given loss by width, with the learning rate tuned for each width by the same budget."""
    input:
        patterns=plan.patterns,
    output:
        "results/weight_space/dimension.csv",
    log:
        "results/logs/measure_dimension.log",
    benchmark:
        "results/performance/measure_dimension.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(30),
    params:
        settings=plan.weight_space_settings("dimension"),
        code=code_version("measure_dimension.py"),
    script:
        "../scripts/measure_dimension.py"


rule tabulate_weight_partition:
    """Exact shares of the classes among binary weights and binary matrices, and the volume of a real-valued row."""
    input:
        binary="results/weight_space/binary_weights.csv",
        matrices="results/weight_space/matrices.csv",
        rows="results/weight_space/rows.csv",
    output:
        weight_partition=table("weight_partition"),
        memory_weight_partition=table("memory_weight_partition"),
    log:
        "results/logs/tabulate_weight_partition.log",
    benchmark:
        "results/performance/tabulate_weight_partition.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={},
        code=code_version("tabulate_weight_space.py"),
    script:
        "../scripts/tabulate_weight_space.py"


# log10 volume by number of training errors, and of W_e, W_g and W_n.
use rule tabulate_weight_partition as tabulate_weight_volume with:
    input:
        volumes=expand("results/weight_space/volume/gain{gain}.csv", gain=config["weight_space"]["volume"]["gains"]),
    output:
        weight_volume=table("weight_volume"),
    log:
        "results/logs/tabulate_weight_volume.log",
    benchmark:
        "results/performance/tabulate_weight_volume.jsonl"


# Angles within and between the groups, angular radii, and how much of the sphere a cone and its copies fill; and the networks of
# each start, each as its copy nearest the medoid, on an ordinary sphere.
use rule tabulate_weight_partition as tabulate_cones with:
    input:
        cones="results/weight_space/cones.npz",
    output:
        cones=table("cones"),
        cone_points="results/weight_space/cone_points.npz",
    log:
        "results/logs/tabulate_cones.log",
    benchmark:
        "results/performance/tabulate_cones.jsonl"


# Classes of weights along great circles, by angle and by loss, and the orders in which they come.
use rule tabulate_weight_partition as tabulate_loss_levels with:
    input:
        circles="results/weight_space/circles.npz",
    output:
        loss_levels=table("loss_levels"),
    log:
        "results/logs/tabulate_loss_levels.log",
    benchmark:
        "results/performance/tabulate_loss_levels.jsonl"
    params:
        settings={"bins": config["weight_space"]["loss_levels"]["bins"]},
        code=code_version("tabulate_weight_space.py"),


# Steps to a given loss by width, and their slope on the number of weights.
use rule tabulate_weight_partition as tabulate_dimension with:
    input:
        dimension="results/weight_space/dimension.csv",
    output:
        dimension=table("dimension"),
    log:
        "results/logs/tabulate_dimension.log",
    benchmark:
        "results/performance/tabulate_dimension.jsonl"


rule draw_weight_space:
    """How large the classes of weights are, the angles between groups of networks, figure 7, the loss along great circles and over a sphere, and figure 8, the groups on a sphere."""
    input:
        weight_volume="results/tables/weight_volume.csv",
        weight_partition="results/tables/weight_partition.csv",
        cones="results/tables/cones.csv",
        cone_points="results/weight_space/cone_points.npz",
        circles="results/weight_space/circles.npz",
        sphere="results/weight_space/sphere.npz",
        loss_levels="results/tables/loss_levels.csv",
    output:
        weight_volume=figure("weight_volume"),
        angles=figure("angles"),
        objective_and_cones=figure("fig7_objective_and_cones"),
        cones_on_hypersphere=figure("fig8_cones_on_hypersphere"),
    log:
        "results/logs/draw_weight_space.log",
    benchmark:
        "results/performance/draw_weight_space.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=plan.weight_figure_settings(),
        code=code_version("draw_weight_space.py"),
    script:
        "../scripts/draw_weight_space.py"
