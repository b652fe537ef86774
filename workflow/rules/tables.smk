"""Tables: estimates over seeds with n and interval, as CSV and Markdown, and the claims decided from them."""


localrules:
    tabulate_networks,
    tabulate_stability,
    tabulate_paper_experiment,
    decide_claims,
    summarise_findings,
    show_tables,


rule tabulate_networks:
    """Loss and error of the networks and of the memories that are learnt by gradient."""
    input:
        files_of(ATTACKED, "results/training/{model}/seed{seed}.csv"),
        expand("results/training/{model}/seed{seed}.csv", model=LEARNT, seed=SEEDS),
    output:
        reported_table("networks", "2 Learning"),
    log:
        "results/logs/tabulate_networks.log",
    benchmark:
        "results/performance/tabulate_networks.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("tabulate_networks.py"),
    script:
        "../scripts/tabulate_networks.py"


rule tabulate_stability:
    """Stored patterns as minima of the energy."""
    input:
        expand("results/stability/{memory}.csv", memory=STORING),
    output:
        reported_table("stability", "2 Learning"),
    log:
        "results/logs/tabulate_stability.log",
    benchmark:
        "results/performance/tabulate_stability.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"memories": storing_memories()},
        code=code_version("tabulate_stability.py"),
    script:
        "../scripts/tabulate_stability.py"


rule count_paper_experiment:
    """One memory: errors on adversarial images, on the same images clean, and of the controls, per seed."""
    input:
        networks=expand("results/scores/{network}/seed{seed}.npz", network=NETWORKS, seed=SEEDS),
        memory=expand("results/scores/{{memory}}/seed{seed}.npz", seed=SEEDS),
    output:
        "results/paper_experiment/{memory}.csv",
    log:
        "results/logs/count_paper_experiment/{memory}.log",
    benchmark:
        "results/performance/count_paper_experiment/{memory}.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings=lambda wildcards: {
            "networks": NETWORKS,
            "attacks": ATTACKS,
            "stored": config["memories"][wildcards.memory]["patterns"],
        },
        code=code_version("count_paper_experiment.py"),
    script:
        "../scripts/count_paper_experiment.py"


rule tabulate_paper_experiment:
    """The paper's experiment: what "misclassified 0.7" measures."""
    input:
        expand("results/paper_experiment/{memory}.csv", memory=STORING),
    output:
        table=reported_table("paper_experiment", "1 Answers"),
        seeds=reported_table("paper_experiment_seeds", "4 Adversarial images"),
    log:
        "results/logs/tabulate_paper_experiment.log",
    benchmark:
        "results/performance/tabulate_paper_experiment.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings={"memories": storing_memories()},
        code=code_version("tabulate_paper_experiment.py"),
    script:
        "../scripts/tabulate_paper_experiment.py"


rule decide_claims:
    """Each claim of the paper: statistic, interval and verdict by the rule written down beforehand."""
    input:
        claims=CLAIMS,
        tables=expand("results/tables/{name}.csv", name=DECIDING),
    output:
        reported_table("claims", "1 Answers"),
    log:
        "results/logs/decide_claims.log",
    benchmark:
        "results/performance/decide_claims.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        dataset=DATASET,
        code=code_version("decide_claims.py"),
    script:
        "../scripts/decide_claims.py"


rule summarise_findings:
    """The report's first page: what was asked, what was found and where."""
    input:
        claims=CLAIMS,
        answers=ANSWERS,
        table="results/tables/claims.csv",
        experiment="results/tables/paper_experiment.csv",
        # A function: topics that are included after this file add to the list.
        paragraphs=lambda wildcards: PARAGRAPHS,
        # Not read: a changed caption makes a new first page, and with it a new report.
        captions=CAPTIONS,
    output:
        "results/report/findings.rst",
    log:
        "results/logs/summarise_findings.log",
    benchmark:
        "results/performance/summarise_findings.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        settings=lambda wildcards: (
            config["paper_experiment"] | {"seeds": config["seeds"], "dataset": DATASET, "figures": FIGURES}
        ),
        code=code_version("summarise_findings.py"),
    script:
        "../scripts/summarise_findings.py"


rule show_tables:
    """Every table as a page of the report, to be sorted, filtered and downloaded."""
    input:
        tables=expand("results/tables/{name}.csv", name=CATEGORIES),
        template=TABLE_PAGE,
    output:
        [table_page(name) for name in CATEGORIES],
    log:
        "results/logs/show_tables.log",
    benchmark:
        "results/performance/show_tables.jsonl"
    conda:
        "../../envs/data.yaml"
    params:
        code=code_version("show_tables.py"),
    script:
        "../scripts/show_tables.py"
