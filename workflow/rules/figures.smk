"""Figures from the run's own data, as SVG and PNG; the report shows the SVG."""

SHOWN = config["paper_experiment"]


rule draw_hopfield_network:
    """Figure 1: a network of six neurons, its weights and its fixed points."""
    input:
        "results/landscapes/small_network.npz",
    output:
        reported_figure("fig1_hopfield_network", "3 Energy"),
    log:
        "results/logs/draw_hopfield_network.log",
    benchmark:
        "results/performance/draw_hopfield_network.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_hopfield_network.py"),
    script:
        "../scripts/draw_hopfield_network.py"


rule draw_energy_landscapes:
    """Figures 2 and 4: the energy over a plane of patterns, before and after learning, on the same axes and scale."""
    input:
        "results/landscapes/energy.npz",
    output:
        before=reported_figure("fig2_energy_before_training", "3 Energy"),
        after=reported_figure("fig4_energy_after_training", "3 Energy"),
    log:
        "results/logs/draw_energy_landscapes.log",
    benchmark:
        "results/performance/draw_energy_landscapes.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_energy_landscapes.py"),
    script:
        "../scripts/draw_energy_landscapes.py"


rule draw_turnable_landscapes:
    """Figures 2, 4 and 3 as surfaces on a page: before and after learning turn in step."""
    input:
        energy="results/landscapes/energy.npz",
        descent="results/landscapes/gradient_descent.npz",
    output:
        report(
            "results/figures/landscapes.html",
            caption="../report/figures/landscapes.rst",
            category="3 Energy",
            labels={"figure": "landscapes, to be turned"},
        ),
    log:
        "results/logs/draw_turnable_landscapes.log",
    benchmark:
        "results/performance/draw_turnable_landscapes.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_turnable_landscapes.py"),
    script:
        "../scripts/draw_turnable_landscapes.py"


rule draw_gradient_descent:
    """Figure 3: the path of SGD over the true loss surface."""
    input:
        "results/landscapes/gradient_descent.npz",
    output:
        reported_figure("fig3_gradient_descent", "2 Learning"),
    log:
        "results/logs/draw_gradient_descent.log",
    benchmark:
        "results/performance/draw_gradient_descent.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_gradient_descent.py"),
    script:
        "../scripts/draw_gradient_descent.py"


rule draw_energy_change:
    """Figure 5: both surfaces, and the energy of the neighbours of the stored patterns by learning pass."""
    input:
        landscape="results/landscapes/energy.npz",
        histories=expand(f"results/training/{LANDSCAPE_MEMORY}/seed{{seed}}.csv", seed=SEEDS),
    output:
        reported_figure("fig5_energy_change", "3 Energy"),
    log:
        "results/logs/draw_energy_change.log",
    benchmark:
        "results/performance/draw_energy_change.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_version("draw_energy_change.py"),
    script:
        "../scripts/draw_energy_change.py"


rule choose_examples:
    """Images that are adversarial for the network, one per class where possible, with what every stage makes of them."""
    input:
        adversarial=f"results/adversarial/{SHOWN['attack']}/{SHOWN['network']}/seed0.npz",
        network=f"results/models/{SHOWN['network']}/seed0.safetensors",
        memory=f"results/models/{SHOWN['memory']}/seed0.safetensors",
    output:
        "results/landscapes/adversarial_examples.npz",
    log:
        "results/logs/choose_examples.log",
    benchmark:
        "results/performance/choose_examples.jsonl"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        settings={
            **{key: SHOWN[key] for key in ("attack", "network", "memory", "budget")},
            "threshold": config["dataset"]["threshold"],
            "sweeps": config["recall"]["sweeps"],
        },
        code=code_version("choose_examples.py"),
    script:
        "../scripts/choose_examples.py"


rule draw_adversarial_examples:
    """Clean and adversarial image, their difference, what is left of it after binarising, and what the memory recalls."""
    input:
        "results/landscapes/adversarial_examples.npz",
    output:
        reported_figure("adversarial_examples", "4 Adversarial images"),
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
        reported_figure("paper_experiment", "1 Answers"),
    log:
        "results/logs/draw_paper_experiment.log",
    benchmark:
        "results/performance/draw_paper_experiment.jsonl"
    conda:
        "../../envs/plot.yaml"
    params:
        settings={key: SHOWN[key] for key in ("network", "attack", "budget")},
        code=code_version("draw_paper_experiment.py"),
    script:
        "../scripts/draw_paper_experiment.py"
