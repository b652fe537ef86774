"""Kernels compile wherever the library lies, also where nothing can be written."""

from raw_data import run_python

KERNEL = """
from weightspace.compiled import compiled

@compiled
def doubled(number):
    return 2 * number
"""


def test_kernels_compile_where_no_folder_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "kernel.py").write_text(KERNEL, encoding="utf-8")
    for name in ("__pycache__", "home"):  # files where folders would have to be made, which stop even an administrator
        (tmp_path / name).touch()
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / "cache"))
    said = run_python("from kernel import doubled; print(doubled(3), doubled.stats.cache_path)", tmp_path)
    assert said == ["6", "None"]


def test_kernels_are_kept_beside_their_module(tmp_path, monkeypatch):
    (tmp_path / "kernel.py").write_text(KERNEL, encoding="utf-8")
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    run_python("from kernel import doubled; doubled(3)", tmp_path)
    assert list((tmp_path / "__pycache__").glob("kernel.doubled*.nbi"))
