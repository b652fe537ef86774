"""Models: networks and dense memories learnt by gradient, memories that store patterns, one job each, and controls."""


rule train_network:
    """Train one network; history per epoch."""
    input:
        lambda wildcards: training_images(wildcards.network),
    output:
        model="results/models/{network}/seed{seed}.safetensors",
        history="results/training/{network}/seed{seed}.csv",
    log:
        "results/logs/train_network/{network}/seed{seed}.log",
    benchmark:
        "results/performance/train_network/{network}/seed{seed}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        settings=model_settings("networks"),
        code=code_version("train_network.py"),
    script:
        "../scripts/train_network.py"


rule train_compared_network:
    """Train one of the networks that only the comparison under attack needs, with all its seeds."""
    input:
        lambda wildcards: training_images(wildcards.compared),
    output:
        model=expand("results/models/{{compared}}/seed{seed}.safetensors", seed=COMPARED_SEEDS),
        history=expand("results/training/{{compared}}/seed{seed}.csv", seed=COMPARED_SEEDS),
    log:
        "results/logs/train_compared_network/{compared}.log",
    benchmark:
        "results/performance/train_compared_network/{compared}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory(2000),
        runtime=minutes(60),
    params:
        settings=model_settings("networks"),
        code=code_version("train_network.py"),
    script:
        "../scripts/train_network.py"


rule train_memory:
    """Train one memory for all seeds, in integers, and certify each; history per pass. A seed takes less time than a job to start."""
    input:
        patterns=PATTERNS,
    output:
        models=expand("results/models/{{memory}}/seed{seed}.safetensors", seed=SEEDS),
        histories=expand("results/training/{{memory}}/seed{seed}.csv", seed=SEEDS),
    log:
        "results/logs/train_memory/{memory}.log",
    benchmark:
        "results/performance/train_memory/{memory}.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory(1000),
        runtime=minutes(30),
    params:
        settings=model_settings("memories"),
        code=code_version("train_memory.py"),
    script:
        "../scripts/train_memory.py"


rule train_dense_memory:
    """Learn one trained dense memory, a classifier made of hidden memories; history per epoch."""
    input:
        patterns=PATTERNS,
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
        mem_mb=memory(2000),
        runtime=minutes(120),
    params:
        settings=model_settings("memories"),
        code=code_version("train_dense_memory.py"),
    script:
        "../scripts/train_dense_memory.py"


rule train_control:
    """Store the images of one control, for all its seeds."""
    input:
        patterns=PATTERNS,
    output:
        expand("results/models/{{control}}/seed{seed}.safetensors", seed=COMPARED_SEEDS),
    log:
        "results/logs/train_control/{control}.log",
    benchmark:
        "results/performance/train_control/{control}.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory(1000),
        runtime=minutes(5),
    params:
        settings=lambda wildcards: {
            "definition": config["controls"][wildcards.control],
            "dataset": DATASET,
        },
        code=code_version("train_control.py"),
    script:
        "../scripts/train_control.py"
