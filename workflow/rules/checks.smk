"""Checks of the attacks: each topic writes rows of checks to a file under results/checks and adds it to CHECKS; a failed one stops the run."""

CHECKS = ["results/checks/probes.csv", "results/checks/networks.csv"]
TABLES += ["attack_checks"]


rule probe_attacks:
    """The attacks on a linear model, on one without gradients, and on every network with more steps, restarts and no limit."""
    input:
        raw=RAW,
        models=expand("results/models/{network}/seed0.safetensors", network=ANSWERING),
    output:
        "results/checks/probes.csv",
    log:
        "results/logs/probe_attacks.log",
    benchmark:
        "results/performance/probe_attacks.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        settings={
            "networks": ANSWERING,
            "images": min(100, config["adversarial"]["test_images"]),
            "definitions": {attack: config["attacks"][attack] for attack in noises() if not knows_nothing(attack)},
            "probed": probed_attack(),
            "against_masking": against_masking(),
        },
        code=code_version("probe_attacks.py", *user_attacks()),
    script:
        "../scripts/probe_attacks.py"


rule check_networks:
    """Files and scores of the attacks on networks."""
    input:
        scores=expand("results/scores/{network}/seed{seed}.npz", network=ANSWERING, seed=COMPARED_SEEDS),
        adversarial=[f"results/adversarial/{attack}/{source}/seed0.npz" for attack, source in checked_files()],
    output:
        "results/checks/networks.csv",
    log:
        "results/logs/check_networks.log",
    benchmark:
        "results/performance/check_networks.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        settings={
            "networks": ANSWERING,
            "seeds": len(COMPARED_SEEDS),
            "files": checked_files(),
            "minimal": [
                attack
                for attack in noises()
                if config["attacks"][attack]["method"] in ("deepfool", "ddn", "hop_skip_jump")
            ],
            "definitions": {attack: config["attacks"][attack] for attack in noises()},
        },
        code=code_version("check_networks.py"),
    script:
        "../scripts/check_networks.py"


rule check_attacks:
    """All checks of the attacks in one table; a failed one fails the run."""
    input:
        # A function: topics that are included after this file add to the list.
        lambda wildcards: CHECKS,
    output:
        reported_table("attack_checks", "4 Adversarial images"),
    log:
        "results/logs/check_attacks.log",
    benchmark:
        "results/performance/check_attacks.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("check_attacks.py"),
    script:
        "../scripts/check_attacks.py"
