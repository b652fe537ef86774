"""Models: networks and dense memories learnt by gradient, memories that store patterns, and controls; what was
learnt."""


localrules:
    tabulate_models,


rule train_network:
    """Train one network, or give it weights that were learnt elsewhere; history per epoch."""
    input:
        images=lambda wildcards: plan.training_images(wildcards.network),
        weights=lambda wildcards: plan.given_weights(wildcards.network, [int(wildcards.seed)]),
    output:
        models=["results/models/{network}/seed{seed}.safetensors"],
        histories=["results/training/{network}/seed{seed}.csv"],
    log:
        "results/logs/train_network/{network}/seed{seed}.log",
    benchmark:
        "results/performance/train_network/{network}/seed{seed}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(30),
    params:
        settings=lambda wildcards: plan.network_settings(wildcards.network, [int(wildcards.seed)]),
        code=code_version("train_network.py"),
    script:
        "../scripts/train_network.py"


use rule train_network as train_compared_network with:
    """Train one of the networks that only the comparison under attack needs, with all its seeds."""
    input:
        images=lambda wildcards: plan.training_images(wildcards.compared),
        weights=lambda wildcards: plan.given_weights(wildcards.compared, plan.compared_seeds),
    output:
        models=expand("results/models/{{compared}}/seed{seed}.safetensors", seed=plan.compared_seeds),
        histories=expand("results/training/{{compared}}/seed{seed}.csv", seed=plan.compared_seeds),
    log:
        "results/logs/train_compared_network/{compared}.log",
    benchmark:
        "results/performance/train_compared_network/{compared}.jsonl"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(60),
    params:
        settings=lambda wildcards: plan.network_settings(wildcards.compared, plan.compared_seeds),
        code=code_version("train_network.py"),


rule train_memory:
    """Train one memory for all seeds, in integers, and certify each; history per pass. A seed takes less time than a job to start."""
    input:
        patterns=plan.patterns,
    output:
        models=expand("results/models/{{memory}}/seed{seed}.safetensors", seed=plan.seeds),
        histories=expand("results/training/{{memory}}/seed{seed}.csv", seed=plan.seeds),
    log:
        "results/logs/train_memory/{memory}.log",
    benchmark:
        "results/performance/train_memory/{memory}.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(30),
    params:
        settings=lambda wildcards: plan.memory_settings(wildcards.memory),
        code=code_version("train_memory.py"),
    script:
        "../scripts/train_memory.py"


rule train_continuous_memory:
    """Store grey images in one continuous memory for all seeds, and choose its beta on others; history by beta."""
    input:
        raw=plan.raw,
    output:
        models=expand("results/models/{{grey_memory}}/seed{seed}.safetensors", seed=plan.seeds),
        histories=expand("results/training/{{grey_memory}}/seed{seed}.csv", seed=plan.seeds),
    log:
        "results/logs/train_continuous_memory/{grey_memory}.log",
    benchmark:
        "results/performance/train_continuous_memory/{grey_memory}.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(30),
    params:
        settings=lambda wildcards: plan.grey_memory_settings(wildcards.grey_memory),
        code=code_version("train_continuous_memory.py"),
    script:
        "../scripts/train_continuous_memory.py"


rule train_dense_memory:
    """Learn one trained dense memory, a classifier made of hidden memories; history per epoch."""
    input:
        patterns=plan.patterns,
    output:
        model="results/models/{learnt_memory}/seed{seed}.safetensors",
        history="results/training/{learnt_memory}/seed{seed}.csv",
    log:
        "results/logs/train_dense_memory/{learnt_memory}/seed{seed}.log",
    benchmark:
        "results/performance/train_dense_memory/{learnt_memory}/seed{seed}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(120),
    params:
        settings=lambda wildcards: plan.memory_settings(wildcards.learnt_memory),
        code=code_version("train_dense_memory.py"),
    script:
        "../scripts/train_dense_memory.py"


rule train_control:
    """Store the images of one control, for all its seeds."""
    input:
        patterns=plan.patterns,
    output:
        models=expand("results/models/{{control}}/seed{seed}.safetensors", seed=plan.compared_seeds),
    log:
        "results/logs/train_control/{control}.log",
    benchmark:
        "results/performance/train_control/{control}.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(5),
    params:
        settings=lambda wildcards: plan.control_settings(wildcards.control),
        code=code_version("train_control.py"),
    script:
        "../scripts/train_control.py"


rule tabulate_models:
    """Loss and error of the networks and of the memories that are learnt by gradient."""
    input:
        histories=plan.files_of([*plan.attacked, *plan.learnt], HISTORY),
    output:
        table("networks"),
    log:
        "results/logs/tabulate_models.log",
    benchmark:
        "results/performance/tabulate_models.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("tabulate_models.py"),
    script:
        "../scripts/tabulate_models.py"
