# The two commands: `make run` and `make test`. Arguments for snakemake: make run ARGS="--configfile mine.yaml"
PYTHON ?= python3
VENV ?= .venv
BIN := $(abspath $(VENV))/bin
CORES ?= all
ARGS ?=

.PHONY: run test lint install bench clean release compare test-slurm test-conda test-faults test-processors test-gpu test-browser test-elsewhere test-release

run: $(VENV)/.installed
	@PATH="$(BIN):$$PATH" sh workflow/run.sh $(CORES) $(ARGS)

# A file's tests go to one process, in the order of tests/conftest.py: the small run, which takes longest, first.
# One thread each for floating-point work: processes whose threads wait for one another's cores take three times as long.
test: export OMP_NUM_THREADS = 1
test: export OPENBLAS_NUM_THREADS = 1
test: $(VENV)/.installed-test
	PATH="$(BIN):$$PATH" "$(BIN)/python" -m pytest -n logical --maxprocesses 4 --dist loadgroup --no-loadscope-reorder

# Slow, each with its own needs; WEIGHTSPACE_LONG=1 runs the long variants.
# A script that runs a one-node cluster, and a folder with a stand-in for conda, where the machine has neither.
SLURM_ONE_NODE ?= $(wildcard ../shared/slurm-one-node/slurm-one-node.sh)
CONDA_OFFLINE ?= $(wildcard ../shared/conda-offline)

test-slurm: $(VENV)/.installed-test
	PATH="$(BIN):$$PATH" SLURM_ONE_NODE="$(abspath $(SLURM_ONE_NODE))" "$(BIN)/python" -m pytest tests/slow/test_slurm.py

test-conda: $(VENV)/.installed-test
	PATH="$(BIN):$$PATH" CONDA_OFFLINE="$(abspath $(CONDA_OFFLINE))" "$(BIN)/python" -m pytest tests/slow/test_conda.py

test-faults: $(VENV)/.installed-test
	PATH="$(BIN):$$PATH" "$(BIN)/python" -m pytest tests/slow/test_faults.py tests/slow/test_mutations.py

# The same numbers under emulated processors; skipped where there is no qemu-x86_64 (Debian's qemu-user).
test-processors: $(VENV)/.installed-test
	PATH="$(BIN):$$PATH" "$(BIN)/python" -m pytest tests/slow/test_processors.py

# Runs from a wheel, and as snakedeploy lays the workflow out.
test-elsewhere: $(VENV)/.installed-test
	"$(BIN)/python" -m pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt snakedeploy==0.17.1
	PATH="$(BIN):$$PATH" "$(BIN)/python" -m pytest tests/slow/test_elsewhere.py

# Builds a release of a finished small run, of WEIGHTSPACE_REFERENCE where that is set.
test-release: $(VENV)/.installed-release
	PATH="$(BIN):$$PATH" "$(BIN)/python" -m pytest tests/slow/test_release.py

# Skipped where PyTorch sees no GPU.
test-gpu: $(VENV)/.installed-test
	PATH="$(BIN):$$PATH" "$(BIN)/python" -m pytest -s tests/slow/test_gpu.py

# Skipped where there is no Chromium; CHROMIUM names one that is not on the path.
test-browser: $(VENV)/.installed-test
	PATH="$(BIN):$$PATH" "$(BIN)/python" -m pytest tests/slow/test_browser.py

# What would be published, into dist/: see release/make_release.py.
release: $(VENV)/.installed-release
	PATH="$(BIN):$$PATH" "$(BIN)/python" release/make_release.py

# Does this run agree with a release? make compare RELEASE=results.zip
compare: $(VENV)/.installed
	@"$(BIN)/weightspace" compare $(RELEASE)

lint: $(VENV)/.installed-test
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .
	"$(BIN)/snakefmt" --check Snakefile workflow/rules
	PATH="$(BIN):$$PATH" "$(BIN)/snakemake" --lint
	"$(BIN)/mypy"

install: $(VENV)/.installed-test

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "weightspace needs Python 3.11 or newer; choose one with: make run PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	"$(BIN)/python" -m pip install --quiet --quiet --disable-pip-version-check --upgrade pip
	"$(BIN)/python" -m pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[workflow]'
	@touch $@

$(VENV)/.installed-test: pyproject.toml constraints.txt | $(VENV)/bin/python
	"$(BIN)/python" -m pip install --quiet --quiet --disable-pip-version-check --upgrade pip
	"$(BIN)/python" -m pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-release: $(VENV)/.installed-test
	"$(BIN)/python" -m pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[release]'
	@touch $@

# Peers that the benchmarks compare with; neurodynex3 asks for a plotting stack that nothing here needs, torchattacks for a version of requests.
# Memory is kept as in the jobs of the workflow (workflow/rules/common.smk).
bench: export MALLOC_MMAP_THRESHOLD_ = 1000000000
bench: export MALLOC_TRIM_THRESHOLD_ = 1000000000
bench: $(VENV)/.installed-test
	"$(BIN)/python" -m pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	"$(BIN)/python" -m pip install --quiet --quiet --disable-pip-version-check --no-deps neurodynex3==1.0.4 torchattacks==3.5.1
	for benchmark in recall learning growth attacks symmetry weight_volume enumeration overhead; do PATH="$(BIN):$$PATH" PYTHONPATH=workflow/scripts "$(BIN)/python" benchmarks/$$benchmark.py || exit 1; done

clean:
	rm -rf results/* .snakemake
	git checkout -- results/README.md
