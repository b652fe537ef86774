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
        settings={key: config["weight_space"][key] for key in ("binary_weights", "matrices", "rows")},
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


rule tabulate_weight_partition:
    """Exact shares of the classes among binary weights and binary matrices, and the volume of a real-valued row."""
    input:
        binary="results/weight_space/binary_weights.csv",
        matrices="results/weight_space/matrices.csv",
        rows="results/weight_space/rows.csv",
    output:
        weights=table("weight_partition"),
        memories=table("memory_weight_partition"),
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
        expand("results/weight_space/volume/gain{gain}.csv", gain=config["weight_space"]["volume"]["gains"]),
    output:
        table("weight_volume"),
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


rule train_cones:
    """Networks trained on P_t, P_g and P_a + P_r of each seed's network, and the angles between them up to equioutput copies."""
    input:
        patterns=plan.patterns,
        models=expand(
            "results/models/{network}/seed{seed}.safetensors",
            network=config["weight_space"]["cones"]["network"],
            seed=plan.seeds,
        ),
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
        settings={key: value for key, value in config["weight_space"]["cones"].items() if key != "network"},
        code=code_version("train_cones.py"),
    script:
        "../scripts/train_cones.py"


rule tabulate_cones:
    """Angles within and between the groups, angular radii, and how much of the sphere a cone and its copies fill."""
    input:
        "results/weight_space/cones.npz",
    output:
        table("cones"),
    log:
        "results/logs/tabulate_cones.log",
    benchmark:
        "results/performance/tabulate_cones.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("tabulate_cones.py"),
    script:
        "../scripts/tabulate_cones.py"


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
        settings={key: value for key, value in config["weight_space"]["loss_levels"].items() if key != "bins"},
        code=code_version("measure_loss_levels.py"),
    script:
        "../scripts/measure_loss_levels.py"


rule tabulate_loss_levels:
    """Classes of weights along great circles, by angle and by loss, and the orders in which they come."""
    input:
        "results/weight_space/circles.npz",
    output:
        table("loss_levels"),
    log:
        "results/logs/tabulate_loss_levels.log",
    benchmark:
        "results/performance/tabulate_loss_levels.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"bins": config["weight_space"]["loss_levels"]["bins"]},
        code=code_version("tabulate_loss_levels.py"),
    script:
        "../scripts/tabulate_loss_levels.py"


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
        settings=config["weight_space"]["dimension"],
        code=code_version("measure_dimension.py"),
    script:
        "../scripts/measure_dimension.py"


rule tabulate_dimension:
    """Steps to a given loss by width, and their slope on the number of weights."""
    input:
        "results/weight_space/dimension.csv",
    output:
        table("dimension"),
    log:
        "results/logs/tabulate_dimension.log",
    benchmark:
        "results/performance/tabulate_dimension.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("tabulate_dimension.py"),
    script:
        "../scripts/tabulate_dimension.py"


rule embed_cones:
    """The networks of each start, each as its copy nearest the medoid, on an ordinary sphere."""
    input:
        "results/weight_space/cones.npz",
    output:
        "results/weight_space/cone_points.npz",
    log:
        "results/logs/embed_cones.log",
    benchmark:
        "results/performance/embed_cones.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(10),
    params:
        code=code_version("embed_cones.py"),
    script:
        "../scripts/embed_cones.py"


rule draw_weight_volume:
    """Log-volume against training error, what generalises there, and binary weights counted."""
    input:
        volumes="results/tables/weight_volume.csv",
        partition="results/tables/weight_partition.csv",
    output:
        figure("weight_volume"),
    log:
        "results/logs/draw_weight_volume.log",
    benchmark:
        "results/performance/draw_weight_volume.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings={key: config["weight_space"]["volume"][key] for key in ("patterns", "held_out", "threshold", "hidden")},
        code=code_version("draw_weight_volume.py"),
    script:
        "../scripts/draw_weight_volume.py"


rule draw_angles:
    """Angles within and between the groups of networks, as they stand and up to equioutput copies."""
    input:
        "results/tables/cones.csv",
    output:
        figure("angles"),
    log:
        "results/logs/draw_angles.log",
    benchmark:
        "results/performance/draw_angles.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_angles.py"),
    script:
        "../scripts/draw_angles.py"


rule draw_objective_and_cones:
    """Figure 7: the loss along great circles through trained weights and over a sphere, with the class of the weights."""
    input:
        circles="results/weight_space/circles.npz",
        sphere="results/weight_space/sphere.npz",
        levels="results/tables/loss_levels.csv",
    output:
        figure("fig7_objective_and_cones"),
    log:
        "results/logs/draw_objective_and_cones.log",
    benchmark:
        "results/performance/draw_objective_and_cones.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_objective_and_cones.py"),
    script:
        "../scripts/draw_objective_and_cones.py"


rule draw_cones_on_hypersphere:
    """Figure 8: the three groups of networks on a sphere."""
    input:
        "results/weight_space/cone_points.npz",
    output:
        figure("fig8_cones_on_hypersphere"),
    log:
        "results/logs/draw_cones_on_hypersphere.log",
    benchmark:
        "results/performance/draw_cones_on_hypersphere.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_cones_on_hypersphere.py"),
    script:
        "../scripts/draw_cones_on_hypersphere.py"
