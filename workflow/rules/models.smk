"""Models: networks trained by gradient descent and associative memories, one job per model and seed; and controls."""


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
        mem_mb=2000,
        runtime=30,
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
        mem_mb=2000,
        runtime=60,
    params:
        settings=model_settings("networks"),
        code=code_version("train_network.py"),
    script:
        "../scripts/train_network.py"


rule train_memory:
    """Train one memory in integers and certify it; history per pass."""
    input:
        patterns=PATTERNS,
    output:
        model="results/models/{memory}/seed{seed}.safetensors",
        history="results/training/{memory}/seed{seed}.csv",
    log:
        "results/logs/train_memory/{memory}/seed{seed}.log",
    benchmark:
        "results/performance/train_memory/{memory}/seed{seed}.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=model_settings("memories"),
        code=code_version("train_memory.py"),
    script:
        "../scripts/train_memory.py"


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
        mem_mb=1000,
        runtime=5,
    params:
        settings=lambda wildcards: {
            "definition": config["controls"][wildcards.control],
            "dataset": DATASET,
        },
        code=code_version("train_control.py"),
    script:
        "../scripts/train_control.py"
