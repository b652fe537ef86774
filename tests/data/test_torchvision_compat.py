"""torchvision beside any build of PyTorch."""

import pytest
from raw_data import run_python


def test_torchvision_imports_beside_any_build_of_pytorch():
    code = """
        from weightspace.data.torchvision_compat import import_torchvision
        assert import_torchvision() is import_torchvision()
        print(import_torchvision().datasets.KMNIST.__name__)
    """
    assert run_python(code) == ["KMNIST"]


FITTING = """
class datasets:
    class MNIST:
        mirrors = ["http://mirror/"]
        resources = [("images.gz", "md5")]
"""
# Like a build that does not fit: the first missing operator ends the import, after a part of it has already been
# imported.
MISFITTING = """
import torch
import torchvision.part
if not hasattr(torch.ops.torchvision, "nms"):
    raise RuntimeError("operator torchvision::nms does not exist")
torch.ops.torchvision.qnms, torchvision.part.value
"""


@pytest.mark.parametrize(
    ("source", "defined"), [(FITTING, "False"), (MISFITTING + FITTING, "True")], ids=["fits", "does not fit"]
)
def test_operators_are_defined_only_where_the_import_needs_them(tmp_path, source, defined):
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text(source)
    (tmp_path / "torchvision" / "part.py").write_text("value = 1")
    code = """
        from weightspace.data import torchvision_compat
        print(*torchvision_compat.archive_urls("MNIST")[0], torchvision_compat._library is not None)
    """
    assert run_python(code, tmp_path) == ["http://mirror/", defined]


def test_other_failures_of_torchvision_are_passed_on(tmp_path):
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text("raise RuntimeError('compiled for another CUDA')")
    code = """
        from weightspace.data import torchvision_compat
        try:
            torchvision_compat.import_torchvision()
        except RuntimeError as error:
            print(error, torchvision_compat._library)
    """
    assert " ".join(run_python(code, tmp_path)) == "compiled for another CUDA None"
