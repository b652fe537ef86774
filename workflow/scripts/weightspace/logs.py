"""Logging of one job: a log file with progress, warnings and, where it fails, the traceback; never an empty log."""

import logging
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

Item = TypeVar("Item")

_FORMAT = logging.Formatter("%(asctime)s %(levelname)s %(message)s", datefmt="%Y-%m-%d %H:%M:%S")


def start_log(snakemake: Any) -> None:
    """Send everything this job says to its rule's log file; an error's last line also reaches the terminal."""
    path = Path(snakemake.log[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    to_file = logging.FileHandler(path, mode="w", encoding="utf-8")
    to_file.setFormatter(_FORMAT)
    logging.basicConfig(level=logging.INFO, handlers=[to_file], force=True)
    logging.captureWarnings(True)
    warnings.simplefilter("default")
    sys.excepthook = _log_exception
    wildcards = ", ".join(f"{name}={value}" for name, value in snakemake.wildcards.items())
    logging.info("rule %s%s", snakemake.rule, f" ({wildcards})" if wildcards else "")


def _log_exception(kind, error, traceback):
    logging.error("%s", error, exc_info=(kind, error, traceback))
    # The terminal gets the sentence, the log the traceback.
    print(f"{kind.__name__}: {error}", file=sys.stderr)


def progress(items: Sequence[Item], *, what: str) -> Iterator[Item]:
    """Iterate over a sequence with progress: a tqdm bar when run by hand on a terminal, a plain line in the log at
    every tenth otherwise.
    """
    if sys.stderr.isatty() and not logging.getLogger().handlers:
        from tqdm import tqdm

        yield from tqdm(items, desc=what)
        return
    total = len(items)
    step = max(1, total // 10)
    for done, item in enumerate(items, start=1):
        yield item
        if done % step == 0 or done == total:
            logging.info("%s: %d of %d", what, done, total)
