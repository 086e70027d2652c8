"""How a FiLM network lies in memory for its machine code: shapes, tiles, packed weights and the table of a call."""

from dataclasses import dataclass

from synth.machine import Tile

TABLE = (
    "counter",  # row to be taken next: the threads share it
    "rows",
    "tiles",  # of each row
    "time_start",  # float64 [rows]
    "time_offset",  # [rows, tiles * T]
    "gamma",  # [rows, films, width], as are the next three
    "beta",
    "gamma_end",  # 0 where modulations are held
    "beta_end",
    "blend",  # [rows, tiles * T]
    "envelope",  # [rows, knots]
    "envelope_end",
    "weights",  # float32, packed by film.pack
    "constants",  # float64 [layers, 2, width] gamma scales, biases; [2, width] the first layer's frequency, phase at 0 s
    "samples",  # [rows, tiles * T]
)
"""What `run` is called with: a table of int64, most of them addresses"""
SCALE, SHIFT, SCALE_RISE, SHIFT_RISE = range(4)
PARTS = 4
GROUP = 64
"""Frames whose layer is finished before the next one begins, so that its weights stay near"""


@dataclass(frozen=True)
class FilmShape:
    """What the code is made for."""

    layers: int
    """Sine layers, at least 2"""
    width: int
    films: int
    """Rows of gamma and beta: 1 where all layers share them, else one for each layer"""
    knots: int
    """Knots of the envelope; 0: none"""
    knots_per_second: float
    output_bias: float

    @property
    def modulations(self) -> dict[str, tuple[int, ...]]:
        """Shapes of a row's modulations by name."""
        films = dict.fromkeys(("gamma", "beta"), (self.films, self.width))
        return {**films, "envelope": (self.knots,)} if self.knots else {**films}


def blocks(width: int, outputs: int) -> list[int]:
    """Units that each kernel of a layer makes: at most `outputs`, as evenly as can be."""
    count = -(-width // outputs)
    return [width // count + (place < width % count) for place in range(count)]


def scratch_floats(shape: FilmShape, tile: Tile) -> int:
    """Floats that `run` needs to work in."""
    tiles = tiles_at_once(tile)
    return shape.layers * PARTS * shape.width + tiles * tile.frames * (2 * shape.width + 1) + tile.lanes


def tiles_at_once(tile: Tile) -> int:
    """Tiles whose layer is finished before the next one begins."""
    return max(1, GROUP // tile.frames)
