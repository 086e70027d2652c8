"""How a bank of oscillators lies in memory for its machine code: shapes, and the table of a call."""

from dataclasses import dataclass

TABLE = (
    "counter",  # rows taken so far: the threads share it
    "rows",
    "tiles",  # of each row
    "phase_start",  # float64 [rows], cycles
    "phase_offset",  # [rows, tiles * T], cycles
    "bandlimit",  # [rows]
    "blend",  # [rows, tiles * T]
    "noise",  # [rows, tiles * T, bands]
    "partials_start",  # [rows, partials]
    "partials_end",
    "series_start",  # [rows, series]
    "series_end",
    "modes_start",  # [rows, modes]
    "modes_end",
    "hiss_start",  # [rows, bands]
    "hiss_end",
    "ratios",  # float64 [series * partials + modes]
    "thetas",  # float64 [partials + modes], half turns
    "samples",  # [rows, tiles * T]
)
"""What `run` is called with: a table of int64, most of them addresses"""


@dataclass(frozen=True)
class BankShape:
    """What the code is made for."""

    partials: int
    series: int
    slots: int
    """Series that one row may sound, the strongest ones"""
    modes: int
    """Oscillators at ratios of their own; 0: none"""
    bands: int
    silent: float
    """Partials that are not above it at either end are left out."""
    slope: float
    """A partial's gain is (1 - ratio / bandlimit) * slope, within 0 and 1."""

    @property
    def modulations(self) -> dict[str, tuple[int, ...]]:
        """Shapes of a row's modulations by name."""
        modes = {"modes": (self.modes,)} if self.modes else {}
        return {"partials": (self.partials,), "series": (self.series,), **modes, "hiss": (self.bands,)}

    @property
    def oscillators(self) -> int:
        """Of a row, at most."""
        return self.slots * self.partials + self.modes


def scratch_words(shape: BankShape) -> int:
    """4-byte words that `run` needs to work in: see synth.evaluators.bank_code."""
    return 5 * (shape.oscillators + 1) + shape.series + 2 * shape.bands
