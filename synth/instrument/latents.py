"""The anchors of an instrument, latents.npz: the trained latents and what is known of each."""

import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sirenade.errors import InstrumentError

MAX_ANCHORS = 65536
MAX_UNPACKED_BYTES = 1 << 30


@dataclass(frozen=True)
class Latents:
    """K anchors.

    latents      float32 [K, D]
    names        K names
    pitches      float32 [K]     root pitch, MIDI note number (fractional): the note at which a `time` model plays at speed 1
    tags         K texts, tags joined by commas
    map          float32 [K, 2]  2-D embedding in [0, 1]
    loops        float64 [K, 2]  start and end in s of the part a held note stays in; equal: it freezes there
    durations    float64 [K]     seconds until the sound is over
    descriptors  float32 [K, M]  and their M names (centroid in Hz, flatness, attack in s ...)
    """

    latents: NDArray[np.float32]
    names: tuple[str, ...]
    pitches: NDArray[np.float32]
    tags: tuple[str, ...]
    map: NDArray[np.float32]
    loops: NDArray[np.float64]
    durations: NDArray[np.float64]
    descriptors: NDArray[np.float32]
    descriptor_names: tuple[str, ...]

    def __post_init__(self) -> None:
        count = len(self.latents)
        shapes = {
            "latents": (self.latents.shape, (count, *self.latents.shape[1:2])),
            "names": ((len(self.names),), (count,)),
            "pitches": (self.pitches.shape, (count,)),
            "tags": ((len(self.tags),), (count,)),
            "map": (self.map.shape, (count, 2)),
            "loops": (self.loops.shape, (count, 2)),
            "durations": (self.durations.shape, (count,)),
            "descriptors": (self.descriptors.shape, (count, len(self.descriptor_names))),
        }
        if not 1 <= count <= MAX_ANCHORS or self.latents.ndim != 2:
            raise InstrumentError(f"an instrument needs 1 to {MAX_ANCHORS} anchors as a [K, D] array.")
        for name, (shape, wanted) in shapes.items():
            if shape != wanted:
                raise InstrumentError(f"the anchors' {name} have shape {shape} where {wanted} was expected.")
        for name in ("latents", "pitches", "map", "loops", "durations", "descriptors"):
            if not np.isfinite(getattr(self, name)).all():
                raise InstrumentError(f"the anchors' {name} hold a value that is not finite.")
        start, end = self.loops.T
        if (start < 0).any() or (end < start).any() or (self.durations <= 0).any():
            raise InstrumentError("an anchor's loop or duration is negative or runs backwards.")

    def corner_anchors(self) -> tuple[int, int, int, int]:
        """Anchors that a pad starts with: for each corner the nearest on the map, each used once while there are others left.

        Corners: lower left, lower right, upper left, upper right.
        """
        chosen: list[int] = []
        for corner in ((0, 0), (1, 0), (0, 1), (1, 1)):
            distance = np.linalg.norm(self.map - np.array(corner), axis=1)
            if len(chosen) < len(self.latents):
                distance[chosen] = np.inf
            chosen.append(int(distance.argmin()))
        return (chosen[0], chosen[1], chosen[2], chosen[3])

    def to_bytes(self) -> bytes:
        """The content of latents.npz."""
        stream = BytesIO()
        arrays = {
            "latents": self.latents,
            "pitches": self.pitches,
            "map": self.map,
            "loops": self.loops,
            "durations": self.durations,
            "descriptors": self.descriptors,
            "names": np.array(self.names, dtype=np.str_),
            "tags": np.array(self.tags, dtype=np.str_),
            "descriptor_names": np.array(self.descriptor_names, dtype=np.str_),
        }
        np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read latents.npz. Raises InstrumentError where it is not one; pickled objects are refused."""
        try:
            with zipfile.ZipFile(BytesIO(content)) as members:
                if sum(member.file_size for member in members.infolist()) > MAX_UNPACKED_BYTES:
                    raise ValueError("it unpacks to more than 1 GB")
            with np.load(BytesIO(content), allow_pickle=False) as archive:
                return cls(
                    latents=_numbers(archive["latents"], np.float32),
                    names=_texts(archive["names"]),
                    pitches=_numbers(archive["pitches"], np.float32),
                    tags=_texts(archive["tags"]),
                    map=_numbers(archive["map"], np.float32),
                    loops=_numbers(archive["loops"], np.float64),
                    durations=_numbers(archive["durations"], np.float64),
                    descriptors=_numbers(archive["descriptors"], np.float32),
                    descriptor_names=_texts(archive["descriptor_names"]),
                )
        except KeyError as error:
            raise InstrumentError(f"latents.npz lacks the array {error.args[0]}.") from None
        except InstrumentError:
            raise
        except Exception as error:  # zip, zlib, NumPy's header parser: damaged bytes raise a dozen types
            raise InstrumentError(f"latents.npz cannot be read: {error}.") from None


def _numbers(array: NDArray[np.generic], dtype: type) -> NDArray:  # type: ignore[type-arg]
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{array.dtype} where numbers were expected")
    return np.ascontiguousarray(array, dtype=dtype)


def _texts(array: NDArray[np.generic]) -> tuple[str, ...]:
    if array.dtype.kind != "U" or array.ndim != 1:
        raise ValueError(f"{array.dtype} where texts were expected")
    return tuple(str(text) for text in array)
