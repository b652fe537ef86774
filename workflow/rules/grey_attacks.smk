"""Attacks on grey images: made, checked and answered by every model, among them the paper's experiment."""


localrules:
    check_attacks,
    tabulate_attacks,
    tabulate_transfer,
    tabulate_paper_experiment,


rule craft_adversarial:
    """Attack one network of the paper's experiment: test images, and the images that the memories of the same seed store."""
    input:
        raw=plan.raw,
        models=expand("results/models/{{network}}/seed{seed}.safetensors", seed=plan.seeds),
    output:
        plan.network_outputs("network", whole=True),
    log:
        "results/logs/craft_adversarial/{network}.log",
    benchmark:
        "results/performance/craft_adversarial/{network}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(60),
    params:
        settings=plan.network_crafting_settings(whole=True),
        code=code_version("craft_adversarial.py", *plan.user_attacks()),
    script:
        "../scripts/craft_adversarial.py"


rule craft_compared:
    """Attack one of the other networks."""
    input:
        raw=plan.raw,
        models=expand("results/models/{{compared}}/seed{seed}.safetensors", seed=plan.compared_seeds),
    output:
        plan.network_outputs("compared", whole=False),
    log:
        "results/logs/craft_compared/{compared}.log",
    benchmark:
        "results/performance/craft_compared/{compared}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(60),
    params:
        settings=plan.network_crafting_settings(whole=False),
        code=code_version("craft_adversarial.py", *plan.user_attacks()),
    script:
        "../scripts/craft_adversarial.py"


rule craft_ensemble:
    """Attack several models at once, by the mean of their logits."""
    input:
        raw=plan.raw,
        models=lambda wildcards: [
            f"results/models/{model}/seed{seed}.safetensors"
            for seed in plan.compared_seeds
            for model in plan.members(wildcards.ensemble)
        ],
    output:
        plan.ensemble_outputs("ensemble"),
    log:
        "results/logs/craft_ensemble/{ensemble}.log",
    benchmark:
        "results/performance/craft_ensemble/{ensemble}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(60),
    params:
        settings=lambda wildcards: plan.ensemble_settings(wildcards.ensemble),
        code=code_version("craft_ensemble.py", *plan.user_attacks()),
    script:
        "../scripts/craft_ensemble.py"


rule make_noise:
    """The control: the same images, changed as much as by attacks but at random."""
    input:
        raw=plan.raw,
    output:
        plan.noise_outputs(),
    log:
        "results/logs/make_noise.log",
    benchmark:
        "results/performance/make_noise.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(10),
    params:
        settings=plan.crafting_settings(plan.attack_plan(NOISE)),
        code=code_version("craft_adversarial.py", *plan.user_attacks()),
    script:
        "../scripts/craft_adversarial.py"


rule score_images:
    """One model's answers, with all its seeds, to all images that it is confronted with, clean and attacked, re-checked from the files."""
    input:
        models=expand("results/models/{{model}}/seed{seed}.safetensors", seed=plan.seeds),
        adversarial=lambda wildcards: plan.scored_files(wildcards.model),
    output:
        expand("results/scores/{{model}}/seed{seed}.npz", seed=plan.seeds),
    log:
        "results/logs/score_images/{model}.log",
    benchmark:
        "results/performance/score_images/{model}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(60),
    params:
        settings=lambda wildcards: plan.scoring_settings(wildcards.model),
        code=code_version("score_images.py"),
    script:
        "../scripts/score_images.py"


rule score_compared:
    """The same of a model that only the comparison under attack needs."""
    input:
        models=expand("results/models/{{target}}/seed{seed}.safetensors", seed=plan.compared_seeds),
        adversarial=lambda wildcards: plan.scored_files(wildcards.target),
    output:
        expand("results/scores/{{target}}/seed{seed}.npz", seed=plan.compared_seeds),
    log:
        "results/logs/score_compared/{target}.log",
    benchmark:
        "results/performance/score_compared/{target}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(60),
    params:
        settings=lambda wildcards: plan.scoring_settings(wildcards.target),
        code=code_version("score_images.py"),
    script:
        "../scripts/score_images.py"


rule probe_attacks:
    """The attacks on a linear model, on one without gradients, and on every network with more steps, restarts and no limit."""
    input:
        raw=plan.raw,
        models=expand("results/models/{network}/seed0.safetensors", network=plan.answering),
    output:
        "results/checks/probes.csv",
    log:
        "results/logs/probe_attacks.log",
    benchmark:
        "results/performance/probe_attacks.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(20),
    params:
        settings=plan.probe_settings(),
        code=code_version("probe_attacks.py", *plan.user_attacks()),
    script:
        "../scripts/probe_attacks.py"


rule check_networks:
    """Files and scores of the attacks on networks."""
    input:
        scores=expand("results/scores/{network}/seed{seed}.npz", network=plan.answering, seed=plan.compared_seeds),
        adversarial=[f"results/adversarial/{attack}/{source}/seed0.npz" for attack, source in plan.checked_files()],
    output:
        "results/checks/networks.csv",
    log:
        "results/logs/check_networks.log",
    benchmark:
        "results/performance/check_networks.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(10),
    params:
        settings=plan.check_settings(),
        code=code_version("check_networks.py"),
    script:
        "../scripts/check_networks.py"


rule check_attacks:
    """All checks of the attacks in one table; a failed one fails the run."""
    input:
        "results/checks/probes.csv",
        "results/checks/networks.csv",
        "results/checks/binary.csv",
    output:
        table("attack_checks"),
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


rule tabulate_attacks:
    """Errors of the networks under attacks on themselves, by budget, beside clean images and noise; smallest successful budgets."""
    input:
        plan.files_of(plan.attacked, "results/scores/{model}/seed{seed}.npz"),
    output:
        table("attacks"),
        table("smallest_budgets"),
    log:
        "results/logs/tabulate_attacks.log",
    benchmark:
        "results/performance/tabulate_attacks.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"noises": plan.noise_by_attack()},
        code=code_version("tabulate_attacks.py"),
    script:
        "../scripts/tabulate_attacks.py"


rule tabulate_transfer:
    """Errors of all models on images that were attacked on others, by source, by learning rule, and from ensembles."""
    input:
        expand("results/scores/{model}/seed{seed}.npz", seed=plan.compared_seeds, model=plan.targets),
    output:
        table("transfer"),
        table("model_dependence"),
        table("ensembles"),
    log:
        "results/logs/tabulate_transfer.log",
    benchmark:
        "results/performance/tabulate_transfer.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(2000),
    params:
        settings=plan.transfer_settings(),
        code=code_version("tabulate_transfer.py"),
    script:
        "../scripts/tabulate_transfer.py"


rule count_paper_experiment:
    """One memory: errors on adversarial images, on the same images clean, and of the controls, per seed."""
    input:
        networks=expand("results/scores/{network}/seed{seed}.npz", network=plan.networks, seed=plan.seeds),
        memory=expand("results/scores/{{memory}}/seed{seed}.npz", seed=plan.seeds),
    output:
        "results/paper_experiment/{memory}.csv",
    log:
        "results/logs/count_paper_experiment/{memory}.log",
    benchmark:
        "results/performance/count_paper_experiment/{memory}.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings=lambda wildcards: plan.paper_experiment_settings(wildcards.memory),
        code=code_version("count_paper_experiment.py"),
    script:
        "../scripts/count_paper_experiment.py"


rule tabulate_paper_experiment:
    """The paper's experiment: what "misclassified 0.7" measures."""
    input:
        expand("results/paper_experiment/{memory}.csv", memory=plan.storing),
    output:
        table=table("paper_experiment"),
        seeds=table("paper_experiment_seeds"),
    log:
        "results/logs/tabulate_paper_experiment.log",
    benchmark:
        "results/performance/tabulate_paper_experiment.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"memories": plan.storing_memories()},
        code=code_version("tabulate_paper_experiment.py"),
    script:
        "../scripts/tabulate_paper_experiment.py"


rule climb_loss:
    """Weights driven up the training loss, and whether they answer as the network does to adversarial images."""
    input:
        training=plan.training_images(plan.shown["network"]),
        models=expand(MODEL, model=plan.shown["network"], seed=plan.compared_seeds),
        adversarial=plan.shown_files(plan.shown["network"]),
        noise=plan.shown_files(NOISE),
    output:
        table("loss_maxima"),
    log:
        "results/logs/climb_loss.log",
    benchmark:
        "results/performance/climb_loss.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(20),
    params:
        settings=plan.loss_ascent_settings(),
        code=code_version("climb_loss.py"),
    script:
        "../scripts/climb_loss.py"


rule choose_examples:
    """Images that are adversarial for the network, one per class where possible, with what every stage makes of them."""
    input:
        adversarial=f"results/adversarial/{plan.shown['attack']}/{plan.shown['network']}/seed0.npz",
        network=f"results/models/{plan.shown['network']}/seed0.safetensors",
        memory=f"results/models/{plan.shown['memory']}/seed0.safetensors",
    output:
        "results/landscapes/adversarial_examples.npz",
    log:
        "results/logs/choose_examples.log",
    benchmark:
        "results/performance/choose_examples.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(10),
    params:
        settings={
            **{key: plan.shown[key] for key in ("attack", "network", "memory", "budget")},
            "threshold": config["dataset"]["threshold"],
            "sweeps": config["recall"]["sweeps"],
        },
        code=code_version("choose_examples.py"),
    script:
        "../scripts/choose_examples.py"


rule draw_error_by_budget:
    """How large a change each network withstands."""
    input:
        "results/tables/attacks.csv",
    output:
        figure("error_by_budget"),
    log:
        "results/logs/draw_error_by_budget.log",
    benchmark:
        "results/performance/draw_error_by_budget.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=plan.grey_figure_settings()["error_by_budget"],
        code=code_version("draw_error_by_budget.py"),
    script:
        "../scripts/draw_error_by_budget.py"


rule draw_transfer_matrix:
    """Who is misled by images that were attacked on another model, beside clean images and noise."""
    input:
        "results/tables/transfer.csv",
    output:
        figure("transfer_matrix"),
    log:
        "results/logs/draw_transfer_matrix.log",
    benchmark:
        "results/performance/draw_transfer_matrix.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=plan.grey_figure_settings()["transfer_matrix"],
        code=code_version("draw_transfer_matrix.py"),
    script:
        "../scripts/draw_transfer_matrix.py"


rule draw_ensemble_transfer:
    """Attacks on ensembles against models of a rule that they leave out."""
    input:
        "results/tables/ensembles.csv",
    output:
        figure("ensemble_transfer"),
    log:
        "results/logs/draw_ensemble_transfer.log",
    benchmark:
        "results/performance/draw_ensemble_transfer.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=plan.grey_figure_settings()["ensemble_transfer"],
        code=code_version("draw_ensemble_transfer.py"),
    script:
        "../scripts/draw_ensemble_transfer.py"


rule draw_adversarial_examples:
    """Clean and adversarial image, their difference, what is left of it after binarising, and what the memory recalls."""
    input:
        "results/landscapes/adversarial_examples.npz",
    output:
        figure("adversarial_examples"),
    log:
        "results/logs/draw_adversarial_examples.log",
    benchmark:
        "results/performance/draw_adversarial_examples.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_adversarial_examples.py"),
    script:
        "../scripts/draw_adversarial_examples.py"


rule draw_paper_experiment:
    """What "misclassified 0.7" measures: the memory's error on adversarial images beside its controls."""
    input:
        "results/tables/paper_experiment.csv",
    output:
        figure("paper_experiment"),
    log:
        "results/logs/draw_paper_experiment.log",
    benchmark:
        "results/performance/draw_paper_experiment.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=plan.grey_figure_settings()["paper_experiment"],
        code=code_version("draw_paper_experiment.py"),
    script:
        "../scripts/draw_paper_experiment.py"
