"""Attacks on grey images: made, checked and answered by every model, among them the paper's experiment."""


localrules:
    check_attacks,
    tabulate_grey_attacks,
    tabulate_grey_comparisons,
    tabulate_transfer,
    tabulate_paper_experiment,
    tabulate_attacks_of_claim,
    tabulate_experiment_of_claim,


rule craft_adversarial:
    """Attack one network of the paper's experiment: test images, and the images that the memories of the same seed store. Slow attacks stand apart."""
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


# The other networks: test images alone, and fewer seeds.
use rule craft_adversarial as craft_compared with:
    input:
        raw=plan.raw,
        models=expand("results/models/{{compared}}/seed{seed}.safetensors", seed=plan.compared_seeds),
    output:
        plan.network_outputs("compared", whole=False),
    log:
        "results/logs/craft_compared/{compared}.log",
    benchmark:
        "results/performance/craft_compared/{compared}.jsonl"
    params:
        settings=plan.network_crafting_settings(whole=False),
        code=code_version("craft_adversarial.py", *plan.user_attacks()),


if plan.slow_attacks:

    # Attacks that take long, on few images: networks of both kinds.
    use rule craft_adversarial as craft_slow with:
        input:
            raw=plan.raw,
            models=lambda wildcards: plan.files_of([wildcards.attacked], MODEL),
        output:
            plan.slow_outputs("attacked"),
        log:
            "results/logs/craft_slow/{attacked}.log",
        benchmark:
            "results/performance/craft_slow/{attacked}.jsonl"
        params:
            settings=plan.slow_crafting_settings(),
            code=code_version("craft_adversarial.py", *plan.user_attacks()),


rule craft_on_memory:
    """Attack one memory that answers grey levels, through its recall, as networks are attacked."""
    input:
        raw=plan.raw,
        models=expand("results/models/{{grey_memory}}/seed{seed}.safetensors", seed=plan.compared_seeds),
    output:
        plan.grey_memory_outputs("grey_memory"),
    log:
        "results/logs/craft_on_memory/{grey_memory}.log",
    benchmark:
        "results/performance/craft_on_memory/{grey_memory}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(60),
    params:
        settings=plan.grey_memory_crafting_settings(),
        code=code_version("craft_on_memory.py", *plan.user_attacks()),
    script:
        "../scripts/craft_on_memory.py"


# The control: the same images, changed as much as by attacks but at random.
use rule craft_adversarial as make_noise with:
    input:
        raw=plan.raw,
    output:
        plan.noise_outputs(),
    log:
        "results/logs/make_noise.log",
    benchmark:
        "results/performance/make_noise.jsonl"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(10),
    params:
        settings=plan.noise_settings(),
        code=code_version("craft_adversarial.py", *plan.user_attacks()),


rule craft_ensemble:
    """Attack several models at once, by the mean of their logits."""
    input:
        raw=plan.raw,
        models=lambda wildcards: expand(MODEL, model=plan.members(wildcards.ensemble), seed=plan.compared_seeds),
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
        settings=plan.ensemble_settings(),
        # A script of its own: members may be memories, and a change of these must not attack every network again.
        code=code_version("craft_ensemble.py", *plan.user_attacks()),
    script:
        "../scripts/craft_ensemble.py"


rule score_images:
    """One model's answers, all seeds, to the images of the paper's experiment that were made against one network, clean and attacked, re-checked from the files."""
    input:
        models=expand("results/models/{{model}}/seed{seed}.safetensors", seed=plan.seeds),
        adversarial=lambda wildcards: plan.experiment_files(wildcards.network, wildcards.model),
    output:
        expand("results/scores/paper_experiment/{{network}}/{{model}}/seed{seed}.npz", seed=plan.seeds),
    log:
        "results/logs/score_images/{network}/{model}.log",
    benchmark:
        "results/performance/score_images/{network}/{model}.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(60),
    params:
        settings=plan.scoring_settings(),
        code=code_version("score_images.py"),
    script:
        "../scripts/score_images.py"


# A network's answers to the images that were made against itself.
use rule score_images as score_own_attacks with:
    input:
        models=expand("results/models/{{network}}/seed{seed}.safetensors", seed=plan.seeds),
        adversarial=lambda wildcards: plan.own_files(wildcards.network),
    output:
        expand("results/scores/own_attacks/{{network}}/seed{seed}.npz", seed=plan.seeds),
    log:
        "results/logs/score_own_attacks/{network}.log",
    benchmark:
        "results/performance/score_own_attacks/{network}.jsonl"


# The same of a network that only the comparison under attack needs.
use rule score_images as score_compared with:
    input:
        models=expand("results/models/{{compared}}/seed{seed}.safetensors", seed=plan.compared_seeds),
        adversarial=lambda wildcards: plan.own_files(wildcards.compared),
    output:
        expand("results/scores/own_attacks/{{compared}}/seed{seed}.npz", seed=plan.compared_seeds),
    log:
        "results/logs/score_compared/{compared}.log",
    benchmark:
        "results/performance/score_compared/{compared}.jsonl"


# The same of a memory that answers grey levels.
use rule score_images as score_attacked_memory with:
    input:
        models=expand("results/models/{{grey_memory}}/seed{seed}.safetensors", seed=plan.compared_seeds),
        adversarial=lambda wildcards: plan.own_files(wildcards.grey_memory),
    output:
        expand("results/scores/own_attacks/{{grey_memory}}/seed{seed}.npz", seed=plan.compared_seeds),
    log:
        "results/logs/score_attacked_memory/{grey_memory}.log",
    benchmark:
        "results/performance/score_attacked_memory/{grey_memory}.jsonl"


# Any model's answers to the images that were made against others.
use rule score_images as score_transferred with:
    input:
        models=expand("results/models/{{target}}/seed{seed}.safetensors", seed=plan.compared_seeds),
        adversarial=plan.transferred_files(),
    output:
        expand("results/scores/transferred/{{target}}/seed{seed}.npz", seed=plan.compared_seeds),
    log:
        "results/logs/score_transferred/{target}.log",
    benchmark:
        "results/performance/score_transferred/{target}.jsonl"


rule check_grey_attacks:
    """Files and scores of the attacks on networks; the attacks on models of which the truth is known, and with more steps, restarts and no limit."""
    input:
        raw=plan.raw,
        models=expand("results/models/{network}/seed0.safetensors", network=plan.answering),
        adversarial=plan.checked_files(),
        own=expand(OWN_SCORES, model=plan.answering, seed=plan.compared_seeds),
        transferred=expand(TRANSFER_SCORES, model=plan.answering, seed=plan.compared_seeds),
    output:
        "results/checks/grey.csv",
    log:
        "results/logs/check_grey_attacks.log",
    benchmark:
        "results/performance/check_grey_attacks.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(20),
    params:
        settings=plan.check_settings(),
        code=code_version("check_grey_attacks.py", *plan.user_attacks()),
    script:
        "../scripts/check_grey_attacks.py"


rule check_attacks:
    """All checks of the attacks in one table; a failed one fails the run."""
    input:
        "results/checks/grey.csv",
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


rule tabulate_grey_attacks:
    """Errors of models under attacks on themselves, by budget, beside clean images and noise; smallest successful budgets."""
    input:
        scores=plan.own_scores(plan.attacked_on_grey),
    output:
        attacks=table("attacks"),
        smallest_budgets=table("smallest_budgets"),
    log:
        "results/logs/tabulate_grey_attacks.log",
    benchmark:
        "results/performance/tabulate_grey_attacks.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(2000),
    params:
        settings=plan.error_by_budget_settings(),
        code=code_version("tabulate_grey_attacks.py"),
    script:
        "../scripts/tabulate_grey_attacks.py"


use rule tabulate_grey_attacks as tabulate_attacks_of_claim with:
    input:
        scores=lambda wildcards: plan.files_of(
            models_of_claim(wildcards, "attacks", "network", plan.attacked), OWN_SCORES
        ),
    output:
        attacks=claim_table("attacks"),
        smallest_budgets=claim_table("smallest_budgets"),
    log:
        "results/logs/tabulate_attacks_of_claim/{claim}.log",
    benchmark:
        "results/performance/tabulate_attacks_of_claim/{claim}.jsonl"


# Models compared, each under attacks on itself.
use rule tabulate_grey_attacks as tabulate_grey_comparisons with:
    input:
        scores=plan.own_scores(sorted({model for pair in plan.grey_pairs() for model in pair})),
    output:
        grey_differences=table("grey_differences"),
    log:
        "results/logs/tabulate_grey_comparisons.log",
    benchmark:
        "results/performance/tabulate_grey_comparisons.jsonl"
    params:
        settings=plan.grey_comparison_settings(),
        code=code_version("tabulate_grey_attacks.py"),


# Errors of all models on images that were attacked on others, by source, by learning rule, and from ensembles.
use rule tabulate_grey_attacks as tabulate_transfer with:
    input:
        scores=expand(TRANSFER_SCORES, model=plan.targets, seed=plan.compared_seeds),
    output:
        transfer=table("transfer"),
        model_dependence=table("model_dependence"),
        ensembles=table("ensembles"),
    log:
        "results/logs/tabulate_transfer.log",
    benchmark:
        "results/performance/tabulate_transfer.jsonl"
    params:
        settings=plan.transfer_settings(),
        code=code_version("tabulate_grey_attacks.py"),


# The paper's experiment: what "misclassified 0.7" measures, over all memories and for each seed.
use rule tabulate_grey_attacks as tabulate_paper_experiment with:
    input:
        scores=plan.experiment_scores(plan.networks, plan.storing),
    output:
        paper_experiment=table("paper_experiment"),
        paper_experiment_seeds=table("paper_experiment_seeds"),
    log:
        "results/logs/tabulate_paper_experiment.log",
    benchmark:
        "results/performance/tabulate_paper_experiment.jsonl"
    params:
        settings=plan.paper_experiment_settings(plan.storing),
        code=code_version("tabulate_grey_attacks.py"),


use rule tabulate_paper_experiment as tabulate_experiment_of_claim with:
    input:
        scores=lambda wildcards: plan.experiment_scores(
            models_of_claim(wildcards, "paper_experiment", "network", plan.networks),
            models_of_claim(wildcards, "paper_experiment", "memory", plan.storing),
        ),
    output:
        paper_experiment=claim_table("paper_experiment"),
        paper_experiment_seeds=claim_table("paper_experiment_seeds"),
    log:
        "results/logs/tabulate_experiment_of_claim/{claim}.log",
    benchmark:
        "results/performance/tabulate_experiment_of_claim/{claim}.jsonl"
    params:
        settings=lambda wildcards: plan.paper_experiment_settings(
            models_of_claim(wildcards, "paper_experiment", "memory", plan.storing)
        ),
        code=code_version("tabulate_grey_attacks.py"),


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
        patterns=plan.patterns,
        adversarial=plan.shown_files(plan.shown["network"])[0],
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
        settings=plan.example_settings(),
        code=code_version("choose_examples.py"),
    script:
        "../scripts/choose_examples.py"


rule draw_grey_attacks:
    """What networks withstand, who is misled by whose images, the paper's experiment, and images to look at."""
    input:
        attacks="results/tables/attacks.csv",
        transfer="results/tables/transfer.csv",
        ensembles="results/tables/ensembles.csv",
        paper_experiment="results/tables/paper_experiment.csv",
        examples="results/landscapes/adversarial_examples.npz",
    output:
        error_by_budget=figure("error_by_budget"),
        transfer_matrix=figure("transfer_matrix"),
        ensemble_transfer=figure("ensemble_transfer"),
        paper_experiment=figure("paper_experiment"),
        adversarial_examples=figure("adversarial_examples"),
    log:
        "results/logs/draw_grey_attacks.log",
    benchmark:
        "results/performance/draw_grey_attacks.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings=plan.grey_figure_settings(),
        code=code_version("draw_grey_attacks.py"),
    script:
        "../scripts/draw_grey_attacks.py"
