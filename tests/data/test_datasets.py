"""The datasets that are known by name."""

import pytest

from weightspace.data import torchvision_compat
from weightspace.data.datasets import DATASETS, find_dataset


def test_registry_is_complete():
    assert list(DATASETS) == ["mnist", "fashion_mnist", "kmnist"]
    for dataset in DATASETS.values():
        for file in dataset.files:
            assert len(file.sha256 or "") == 64 or len(file.archive_md5 or "") == 32
        # What the registry says of the archives is what torchvision says.
        mirrors, archives = torchvision_compat.archive_urls(dataset.torchvision_class)
        assert mirrors
        assert [name for name, _ in archives] == [f"{name}.gz" for name in dataset.names]
        assert any(dataset.sha256) or tuple(md5 for _, md5 in archives) == dataset.archive_md5
    with pytest.raises(ValueError, match=r"dataset.name is 'cifar'; allowed: mnist, fashion_mnist, kmnist"):
        find_dataset("cifar")
