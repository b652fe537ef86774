"""Scores: what each model answers to each image, and how deep the stored patterns lie. Outcomes are kept per image."""

TABLES += ["smallest_budgets", "transfer", "model_dependence", "ensembles", "loss_maxima"]
FIGURES += ["error_by_budget", "transfer_matrix", "ensemble_transfer"]
PARAGRAPHS += ["results/report/attacks.rst"]


rule score_images:
    """One model's answers, with all its seeds, to all images that it is confronted with, clean and attacked, re-checked from the files."""
    input:
        models=expand("results/models/{{model}}/seed{seed}.safetensors", seed=SEEDS),
        adversarial=scored_files(SEEDS),
    output:
        expand("results/scores/{{model}}/seed{seed}.npz", seed=SEEDS),
    log:
        "results/logs/score_images/{model}.log",
    benchmark:
        "results/performance/score_images/{model}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        settings=scoring_settings(SEEDS),
        code=code_version("score_images.py"),
    script:
        "../scripts/score_images.py"


rule score_compared:
    """The same of a model that only the comparison under attack needs."""
    input:
        models=expand("results/models/{{target}}/seed{seed}.safetensors", seed=COMPARED_SEEDS),
        adversarial=scored_files(COMPARED_SEEDS),
    output:
        expand("results/scores/{{target}}/seed{seed}.npz", seed=COMPARED_SEEDS),
    log:
        "results/logs/score_compared/{target}.log",
    benchmark:
        "results/performance/score_compared/{target}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        settings=scoring_settings(COMPARED_SEEDS),
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
        mem_mb=1000,
        runtime=20,
    params:
        settings=lambda wildcards: {"margin": config["memories"][wildcards.memory].get("margin", 0)},
        code=code_version("count_minima.py"),
    script:
        "../scripts/count_minima.py"


rule tabulate_attacks:
    """Errors of the networks under attacks on themselves, by budget, beside clean images and noise; smallest successful budgets."""
    input:
        files_of(ATTACKED, "results/scores/{model}/seed{seed}.npz"),
    output:
        reported_table("attacks", "4 Adversarial images"),
        reported_table("smallest_budgets", "4 Adversarial images"),
    log:
        "results/logs/tabulate_attacks.log",
    benchmark:
        "results/performance/tabulate_attacks.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"noises": noises()},
        code=code_version("tabulate_attacks.py"),
    script:
        "../scripts/tabulate_attacks.py"


rule tabulate_transfer:
    """Errors of all models on images that were attacked on others, by source, by learning rule, and from ensembles."""
    input:
        expand("results/scores/{model}/seed{seed}.npz", seed=COMPARED_SEEDS, model=TARGETS),
    output:
        reported_table("transfer", "4 Adversarial images"),
        reported_table("model_dependence", "4 Adversarial images"),
        reported_table("ensembles", "4 Adversarial images"),
    log:
        "results/logs/tabulate_transfer.log",
    benchmark:
        "results/performance/tabulate_transfer.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=2000,
    params:
        settings={
            "seeds": list(COMPARED_SEEDS),
            "targets": TARGETS,
            "networks": ANSWERING,
            "rules": {name: learning_rule(name) for name in TARGETS},
            "noises": noises(),
            "sources": [*ATTACKED, *ENSEMBLES, "none"],
            "attacks": [*config["adversarial"]["transferred"], *NOISES],
            "ensembles": {name: config["ensembles"][name] for name in ENSEMBLES},
        },
        code=code_version("tabulate_transfer.py"),
    script:
        "../scripts/tabulate_transfer.py"


rule draw_error_by_budget:
    """How large a change each network withstands."""
    input:
        "results/tables/attacks.csv",
    output:
        reported_figure("error_by_budget", "4 Adversarial images"),
    log:
        "results/logs/draw_error_by_budget.log",
    benchmark:
        "results/performance/draw_error_by_budget.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings={
            "shown": [
                attack
                for attack in noises()
                if config["attacks"][attack]["norm"] == "linf" and not knows_nothing(attack)
            ],
            "strongest": config["paper_experiment"]["attack"],
        },
        code=code_version("draw_error_by_budget.py"),
    script:
        "../scripts/draw_error_by_budget.py"


rule draw_transfer_matrix:
    """Who is misled by images that were attacked on another model, beside clean images and noise."""
    input:
        "results/tables/transfer.csv",
    output:
        reported_figure("transfer_matrix", "4 Adversarial images"),
    log:
        "results/logs/draw_transfer_matrix.log",
    benchmark:
        "results/performance/draw_transfer_matrix.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings={
            "attack": config["paper_experiment"]["attack"],
            "ensemble_attack": config["adversarial"]["ensemble_attack"],
            "noise": noise_of(config["paper_experiment"]["attack"]),
            "budget": config["paper_experiment"]["budget"],
            "rules": {name: learning_rule(name) for name in TARGETS},
        },
        code=code_version("draw_transfer_matrix.py"),
    script:
        "../scripts/draw_transfer_matrix.py"


rule draw_ensemble_transfer:
    """Attacks on ensembles against models of a rule that they leave out."""
    input:
        "results/tables/ensembles.csv",
    output:
        reported_figure("ensemble_transfer", "4 Adversarial images"),
    log:
        "results/logs/draw_ensemble_transfer.log",
    benchmark:
        "results/performance/draw_ensemble_transfer.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings={
            "attack": config["adversarial"]["ensemble_attack"],
            "budget": config["paper_experiment"]["budget"],
        },
        code=code_version("draw_ensemble_transfer.py"),
    script:
        "../scripts/draw_ensemble_transfer.py"


rule climb_loss:
    """Weights driven up the training loss, and whether they answer as the network does to adversarial images."""
    input:
        training=training_images(config["paper_experiment"]["network"]),
        models=[
            f"results/models/{config['paper_experiment']['network']}/seed{seed}.safetensors" for seed in COMPARED_SEEDS
        ],
        adversarial=[
            f"results/adversarial/{config['paper_experiment']['attack']}/{config['paper_experiment']['network']}/seed{seed}.npz"
            for seed in COMPARED_SEEDS
        ],
        noise=[
            f"results/adversarial/{noise_of(config['paper_experiment']['attack'])}/none/seed{seed}.npz"
            for seed in COMPARED_SEEDS
        ],
    output:
        reported_table("loss_maxima", "4 Adversarial images"),
    log:
        "results/logs/climb_loss.log",
    benchmark:
        "results/performance/climb_loss.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        settings={
            "network": config["paper_experiment"]["network"],
            "budget": config["paper_experiment"]["budget"],
            "loss": config["networks"][config["paper_experiment"]["network"]]["loss"],
            "input": config["networks"][config["paper_experiment"]["network"]]["input"],
            **config["adversarial"]["loss_ascent"],
        },
        code=code_version("climb_loss.py"),
    script:
        "../scripts/climb_loss.py"


rule summarise_attacks:
    """The report's paragraph on where the paper's comparison was unfair."""
    input:
        transfer="results/tables/transfer.csv",
        experiment="results/tables/paper_experiment.csv",
    output:
        "results/report/attacks.rst",
    log:
        "results/logs/summarise_attacks.log",
    benchmark:
        "results/performance/summarise_attacks.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={key: config["paper_experiment"][key] for key in ("network", "attack", "budget")}
        | {"memory": papers_memory()},
        code=code_version("summarise_attacks.py"),
    script:
        "../scripts/summarise_attacks.py"
