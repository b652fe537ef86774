"""Adversarial images: every attack against every network, saved as 8-bit images; scoring re-reads them."""


rule craft_adversarial:
    """Attack test images and the images that the memories of the same seed store, at all budgets."""
    input:
        raw=RAW,
        model="results/models/{network}/seed{seed}.safetensors",
    output:
        "results/adversarial/{attack}/{network}/seed{seed}.npz",
    log:
        "results/logs/craft_adversarial/{attack}/{network}/seed{seed}.log",
    benchmark:
        "results/performance/craft_adversarial/{attack}/{network}/seed{seed}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        settings=attack_settings,
        code=code_version("craft_adversarial.py"),
    script:
        "../scripts/craft_adversarial.py"
