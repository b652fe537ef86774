"""The four raw files of a dataset, in the IDX format of MNIST: a header of big-endian sizes, then the values; plain or
gzipped, and trusted in nothing.

Header: two zero bytes, the type of the values (8: unsigned byte), the number of dimensions, and each dimension as 32
bits. Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits".
"""

import gzip
import io
import math
import struct
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from jaxtyping import Integer, UInt8

from weightspace.data import IMAGES, LABELS
from weightspace.files import FileError, replacing

_UNSIGNED_BYTE = 0x08
_MOST_DIMENSIONS = 4
_GZIP_MAGIC = b"\x1f\x8b"
# Deflate cannot pack more than 1032 bytes into one, which bounds what a gzip file can hold before anything is unpacked.
_LARGEST_RATIO = 1032
_CHUNK = 1 << 20


def read_images(raw_folder: str | Path, split: str) -> UInt8[np.ndarray, "n height width"]:
    """Images of ``split`` "train" or "test".

    Raises:
        FileError: the file is missing, damaged or does not hold images.
    """
    return _read_array(Path(raw_folder) / IMAGES[split], "images", dimensions=3)


def read_labels(raw_folder: str | Path, split: str) -> UInt8[np.ndarray, " n"]:
    """Labels of ``split`` "train" or "test".

    Raises:
        FileError: the file is missing, damaged or does not hold labels.
    """
    return _read_array(Path(raw_folder) / LABELS[split], "labels", dimensions=1)


def read_grey(raw_folder: str | Path, split: str) -> UInt8[np.ndarray, "n N"]:
    """Grey levels 0 ... 255 of the images of ``split``, each as one row."""
    images = read_images(raw_folder, split)
    return images.reshape(len(images), -1)


def _read_array(path, what, *, dimensions):
    array = read_idx(path)
    if array.ndim != dimensions:
        raise FileError(f"{path} has {array.ndim} dimensions, expected {dimensions} for {what}")
    return array


def read_idx(path_or_bytes: str | Path | bytes | bytearray) -> UInt8[np.ndarray, "..."]:
    """Read an IDX file of unsigned bytes, plain or gzipped, from a path or from bytes.

    The header is compared with the length of the file before any memory is taken, and no more than one byte beyond the
    expected end is read or unpacked.

    Returns:
        Writable uint8 array of the header's shape.

    Raises:
        FileError: missing, damaged, truncated, over-long, or not IDX of unsigned bytes.
    """
    name = _name(path_or_bytes)
    with _opened(path_or_bytes) as (stream, longest):
        shape = _read_shape(stream, name)
        header, values = 4 + 4 * len(shape), math.prod(shape)
        expected = f"expected {header + values} by its header (shape {shape})"
        if header + values > longest:
            raise FileError(f"{name} is truncated: found at most {longest} bytes, {expected}")
        content = _read(stream, values + 1)
    if len(content) < values:
        raise FileError(f"{name} is truncated: found {header + len(content)} bytes, {expected}")
    if len(content) > values:
        raise FileError(f"{name} is too long: found more than {header + values} bytes, {expected}")
    return np.frombuffer(content, dtype=np.uint8).reshape(shape)


def write_idx(path: str | Path, values: Integer[np.ndarray, "..."]) -> None:
    """Write integers from 0 to 255 as an IDX file of unsigned bytes."""
    header = bytes([0, 0, _UNSIGNED_BYTE, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
    with replacing(path) as temporary:
        temporary.write_bytes(header + values.astype(np.uint8).tobytes())


def read_content(path_or_bytes: str | Path | bytes | bytearray, *, limit: int) -> bytearray:
    """The first ``limit`` bytes of a plain or gzipped file, unpacked, as a bytearray; nothing beyond is unpacked.

    Raises:
        FileError: the file is missing, or gzip finds it damaged.
    """
    with _opened(path_or_bytes) as (stream, _):
        return _read(stream, limit)


def _is_bytes(path_or_bytes):
    return isinstance(path_or_bytes, bytes | bytearray)


def _name(path_or_bytes):
    return "the IDX data" if _is_bytes(path_or_bytes) else str(path_or_bytes)


@contextmanager
def _opened(path_or_bytes):
    """Yield the unpacked stream and an upper bound of its length; failures to read it become `FileError`."""
    name = _name(path_or_bytes)
    try:
        with io.BytesIO(path_or_bytes) if _is_bytes(path_or_bytes) else open(path_or_bytes, "rb") as file:
            length = file.seek(0, io.SEEK_END)
            file.seek(0)
            # The first two bytes decide, whatever the suffix: an IDX file begins with zeros.
            packed = file.read(2) == _GZIP_MAGIC
            file.seek(0)
            yield (gzip.GzipFile(fileobj=file), _LARGEST_RATIO * length) if packed else (file, length)
    except FileNotFoundError:
        raise FileError(f"{name} does not exist") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileError(f"{name} is a damaged gzip file: {error}") from error
    except OSError as error:
        raise FileError(f"{name} cannot be read: {error.strerror or error}") from error


def _read(stream, count):
    # In chunks: a single read would reserve ``count`` bytes at once, however short the stream is.
    content = bytearray()
    while len(content) < count and (chunk := stream.read(min(_CHUNK, count - len(content)))):
        content += chunk
    return content


def _read_shape(stream, name):
    start = _read(stream, 4)
    if len(start) < 4:
        raise FileError(f"{name} is truncated: found {len(start)} bytes, expected an IDX header of at least 8")
    if start[:2] != b"\0\0":
        raise FileError(f"{name} is not an IDX file: found first bytes 0x{start[:2].hex()}, expected 0x0000")
    if start[2] != _UNSIGNED_BYTE:
        raise FileError(f"{name} holds IDX values of type 0x{start[2]:02x}, expected 0x08 (unsigned bytes)")
    if not 1 <= start[3] <= _MOST_DIMENSIONS:
        raise FileError(f"{name} has {start[3]} dimensions in its header, expected 1 to {_MOST_DIMENSIONS}")
    sizes = _read(stream, 4 * start[3])
    if len(sizes) < 4 * start[3]:
        raise FileError(
            f"{name} is truncated: found {4 + len(sizes)} bytes, expected an IDX header of {4 + 4 * start[3]}"
        )
    shape = tuple(int.from_bytes(sizes[i : i + 4], "big") for i in range(0, len(sizes), 4))
    if 0 in shape:
        raise FileError(f"{name} is empty: found shape {shape} in its header, expected at least 1 in each dimension")
    return shape
