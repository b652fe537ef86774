"""Scores: what each model answers to each image, and how deep the stored patterns lie. Outcomes are kept per image."""

SOURCES = [(attack, network) for attack in ATTACKS for network in NETWORKS]


rule score_images:
    """One model's answers to all adversarial images of its seed, clean and attacked, re-checked from the files."""
    input:
        model="results/models/{model}/seed{seed}.safetensors",
        adversarial=[f"results/adversarial/{a}/{n}/seed{{seed}}.npz" for a, n in SOURCES],
    output:
        "results/scores/{model}/seed{seed}.npz",
    log:
        "results/logs/score_images/{model}/seed{seed}.log",
    benchmark:
        "results/performance/score_images/{model}/seed{seed}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory(2000),
        runtime=minutes(20),
    params:
        settings={
            "sources": SOURCES,
            "sweeps": config["recall"]["sweeps"],
            "threshold": config["dataset"]["threshold"],
        },
        code=code_version("score_images.py"),
    script:
        "../scripts/score_images.py"


rule count_minima:
    """Stored patterns that are strict minima among all single and double flips, for all seeds of a memory."""
    input:
        models=expand("results/models/{{memory}}/seed{seed}.safetensors", seed=SEEDS),
    output:
        "results/stability/{memory}.csv",
    log:
        "results/logs/count_minima/{memory}.log",
    benchmark:
        "results/performance/count_minima/{memory}.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory(1000),
        runtime=minutes(20),
    params:
        settings=lambda wildcards: {"margin": config["memories"][wildcards.memory].get("margin", 0)},
        code=code_version("count_minima.py"),
    script:
        "../scripts/count_minima.py"
