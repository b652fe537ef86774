"""Lays the workflow beside the library in a wheel, as it lies in a clone, so that `weightspace run` needs no clone.

All else is in pyproject.toml. The library is there twice: for `import weightspace`, and where the workflow's jobs find
it and nothing besides.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
CARRIED = ["Snakefile", "config.yaml", "config", "envs", "profiles", "tests/config.yaml", "workflow"]


class WithWorkflow(build_py):
    def run(self):
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / "weightspace/_workflow"
            shutil.rmtree(target, ignore_errors=True)
            for name in CARRIED:
                lay(ROOT / name, target / name)


def lay(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", ".*"))
    else:
        shutil.copy(source, target)


setup(cmdclass={"build_py": WithWorkflow})
