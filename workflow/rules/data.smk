"""Data: the four IDX files, checked against their SHA-256, and the binarised, bit-packed patterns."""

if config["dataset"]["file"]:

    localrules:
        convert_dataset,

    rule convert_dataset:
        """Take the user's own images and labels."""
        input:
            local(config["dataset"]["file"]),
        output:
            plan.raw,
        log:
            f"results/logs/convert_dataset/{plan.dataset}.log",
        benchmark:
            f"results/performance/convert_dataset/{plan.dataset}.jsonl"
        conda:
            "../../envs/data.yaml"
        resources:
            mem_mb=memory_mb(1000),
            runtime=minutes(10),
        params:
            code=code_version("convert_dataset.py"),
        script:
            "../scripts/convert_dataset.py"

else:

    localrules:
        download_dataset,

    rule download_dataset:
        """Obtain the raw files from the named folder, or from the first source that works."""
        output:
            plan.raw,
        log:
            f"results/logs/download_dataset/{plan.dataset}.log",
        benchmark:
            f"results/performance/download_dataset/{plan.dataset}.jsonl"
        conda:
            "../../envs/torch.yaml"
        resources:
            mem_mb=memory_mb(1000),
            runtime=minutes(10),
        params:
            settings={key: config["dataset"][key] for key in ("name", "directory")},
            code=code_version("download_dataset.py"),
        script:
            "../scripts/download_dataset.py"


rule binarise_images:
    """Binarise all images at the threshold and pack eight pixels into a byte."""
    input:
        plan.raw,
    output:
        plan.patterns,
    log:
        f"results/logs/binarise_images/{plan.dataset}.log",
    benchmark:
        f"results/performance/binarise_images/{plan.dataset}.jsonl"
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(5),
    params:
        settings={"threshold": config["dataset"]["threshold"]},
        code=code_version("binarise_images.py"),
    script:
        "../scripts/binarise_images.py"
