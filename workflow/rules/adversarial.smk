"""Adversarial images, one job per source with all its attacks and seeds, saved as 8-bit images; scoring re-reads them."""


rule craft_adversarial:
    """Attack one network of the paper's experiment: test images, and the images that the memories of the same seed store."""
    input:
        raw=RAW,
        models=expand("results/models/{{network}}/seed{seed}.safetensors", seed=SEEDS),
    output:
        attacked_files(NETWORKS[0], "{network}"),
    log:
        "results/logs/craft_adversarial/{network}.log",
    benchmark:
        "results/performance/craft_adversarial/{network}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        settings=crafting_settings(NETWORKS[0], stored=True),
        code=code_version("craft_adversarial.py", *user_attacks()),
    script:
        "../scripts/craft_adversarial.py"


rule craft_compared:
    """Attack one of the other networks."""
    input:
        raw=RAW,
        models=expand("results/models/{{compared}}/seed{seed}.safetensors", seed=COMPARED_SEEDS),
    output:
        attacked_files((COMPARED or NETWORKS)[0], "{compared}"),
    log:
        "results/logs/craft_compared/{compared}.log",
    benchmark:
        "results/performance/craft_compared/{compared}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        settings=crafting_settings((COMPARED or NETWORKS)[0]),
        code=code_version("craft_adversarial.py", *user_attacks()),
    script:
        "../scripts/craft_adversarial.py"


rule craft_ensemble:
    """Attack several models at once, by the mean of their logits."""
    input:
        raw=RAW,
        models=lambda wildcards: [
            f"results/models/{model}/seed{seed}.safetensors"
            for seed in COMPARED_SEEDS
            for model in config["ensembles"][wildcards.ensemble]["members"]
        ],
    output:
        attacked_files(ENSEMBLES[0], "{ensemble}") if ENSEMBLES else "results/adversarial/{ensemble}",
    log:
        "results/logs/craft_ensemble/{ensemble}.log",
    benchmark:
        "results/performance/craft_ensemble/{ensemble}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        settings=lambda wildcards: crafting_settings(wildcards.ensemble)
        | {"members": len(config["ensembles"][wildcards.ensemble]["members"])},
        code=code_version("craft_ensemble.py", *user_attacks()),
    script:
        "../scripts/craft_ensemble.py"


rule make_noise:
    """The control: the same images, changed as much as by attacks but at random."""
    input:
        raw=RAW,
    output:
        attacked_files("none"),
    log:
        "results/logs/make_noise.log",
    benchmark:
        "results/performance/make_noise.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=crafting_settings("none"),
        code=code_version("craft_adversarial.py", *user_attacks()),
    script:
        "../scripts/craft_adversarial.py"
