"""The published archives: where they are, how large, under which licence, and the checksums that are known of them."""

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from sirenade.errors import DatasetError

CHUNK = 1 << 20


@dataclass(frozen=True)
class Archive:
    """One file to fetch. `size` in bytes and `sha256` as TensorFlow Datasets and torchaudio publish them; None: nobody does."""

    set: str
    url: str
    license: str
    size: int | None = None
    sha256: str | None = None

    @property
    def file(self) -> str:
        """The name of the file."""
        return self.url.rsplit("/", 1)[1]


_NSYNTH = "http://download.magenta.tensorflow.org/datasets/nsynth/"
_COMMANDS = "https://storage.googleapis.com/download.tensorflow.org/data/"
_LIBRI = "https://www.openslr.org/resources/12/"
_BY = "CC BY 4.0"

ARCHIVES = (
    Archive("NSynth", _NSYNTH + "nsynth-train.jsonwav.tar.gz", _BY),
    Archive("NSynth", _NSYNTH + "nsynth-valid.jsonwav.tar.gz", _BY),
    Archive("NSynth", _NSYNTH + "nsynth-test.jsonwav.tar.gz", _BY),
    Archive(
        "Speech Commands",
        _COMMANDS + "speech_commands_v0.02.tar.gz",
        _BY,
        2428923189,
        "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
    ),
    Archive(
        "Speech Commands",
        _COMMANDS + "speech_commands_v0.01.tar.gz",
        _BY,
        None,
        "743935421bb51cccdb6bdd152e04c5c70274e935c82119ad7faeec31780d811d",
    ),
    Archive(
        "VCTK",
        "https://datashare.is.ed.ac.uk/bitstream/handle/10283/3443/VCTK-Corpus-0.92.zip",
        _BY,
        11747302977,
        "f96258be9fdc2cbff6559541aae7ea4f59df3fcaf5cf963aae5ca647357e359c",
    ),
    Archive(
        "LJSpeech",
        "https://data.keithito.com/data/speech/LJSpeech-1.1.tar.bz2",
        "public domain",
        2748572632,
        "be1a30453f28eb8dd26af4101ae40cbf2c50413b1bb21936cbcdc6fae3de8aa5",
    ),
    *(
        Archive("LibriSpeech", f"{_LIBRI}{part}.tar.gz", _BY, size, checksum)
        for part, size, checksum in (
            ("dev-clean", 337926286, "76f87d090650617fca0cac8f88b9416e0ebf80350acb97b343a85fa903728ab3"),
            ("dev-other", 314305928, "12661c48e8c3fe1de2c1caa4c3e135193bfb1811584f11f569dd12645aa84365"),
            ("test-clean", 346663984, "39fde525e59672dc6d1551919b1478f724438a95aa55f874b576be21967e6c23"),
            ("test-other", 328757843, "d09c181bba5cf717b3dee7d4d592af11a3ee3a09e08ae025c5506f6ebe961c29"),
            ("train-clean-100", 6387309499, "d4ddd1d5a6ab303066f14971d768ee43278a5f2a0aa43dc716b0e64ecbbbf6e2"),
            ("train-clean-360", 23049477885, "146a56496217e96c14334a160df97fffedd6e0a04e66b9c5af0d40be3c792ecf"),
            ("train-other-500", 30593501606, "ddb22f27f96ec163645d53215559df6aa36515f26e01dd70798188350adcb6d2"),
        )
    ),
)


def known(name: str) -> Archive:
    """The archive whose file is called `name`. Raises DatasetError."""
    for archive in ARCHIVES:
        if archive.file == name:
            return archive
    raise DatasetError(f"nothing is known of {name}; known are {', '.join(archive.file for archive in ARCHIVES)}.")


def verify(path: Path, progress: Callable[[int, int], None] | None = None, archive: Archive | None = None) -> str:
    """Check a fetched archive by size and SHA-256, or, where none is published, by reading it to its end.

    Returns a sentence on what was found. `progress` is called with bytes done and bytes wanted. Raises DatasetError for a
    damaged, unfinished or unknown file.
    """
    archive = archive or known(path.name)
    try:
        size = path.stat().st_size
    except OSError:
        raise DatasetError(f"there is no file {path}.") from None
    if archive.size is not None and size != archive.size:
        state = "unfinished" if size < archive.size else "not that file"
        raise DatasetError(f"{path} is {state}: it has {size} bytes of {archive.size}; fetch it again from {archive.url}")
    if archive.sha256 is None:
        return _read_through(path, size, archive, progress)
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for piece in _pieces(stream, stream, size, progress):
            digest.update(piece)
    if digest.hexdigest() != archive.sha256:
        raise DatasetError(f"{path} is damaged: its SHA-256 is {digest.hexdigest()}; fetch it again from {archive.url}")
    return f"{path} is whole: {size} bytes, SHA-256 as published."


def _read_through(path: Path, size: int, archive: Archive, progress: Callable[[int, int], None] | None) -> str:
    try:
        with path.open("rb") as stream, gzip.open(stream) as unpacked:
            for _ in _pieces(unpacked, stream, size, progress):
                pass
    except (EOFError, OSError, zlib.error):
        raise DatasetError(f"{path} is damaged or unfinished; fetch it again from {archive.url}") from None
    return f"{path} unpacks to its end ({size} bytes); no checksum of it is published."


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _pieces(stream: _Readable, counted: IO[bytes], size: int, progress: Callable[[int, int], None] | None) -> Iterator[bytes]:
    while piece := stream.read(CHUNK):
        yield piece
        if progress:
            progress(counted.tell(), size)
