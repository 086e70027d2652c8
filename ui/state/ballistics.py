"""How a level meter moves: up at once, down at a steady rate, with a peak that is held for a while."""

from dataclasses import dataclass

FALL_DB_PER_S = 26.0
HOLD_S = 1.5
FLOOR_DB = -60.0


@dataclass
class Ballistics:
    """One channel. Levels are in dB of full scale."""

    level_db: float = FLOOR_DB
    hold_db: float = FLOOR_DB
    clipped: bool = False
    _held_s: float = 0.0

    def update(self, peak_db: float, elapsed_s: float) -> None:
        """Take the peak of the last `elapsed_s` seconds."""
        fall = FALL_DB_PER_S * elapsed_s
        self.level_db = max(FLOOR_DB, peak_db, self.level_db - fall)
        self._held_s += elapsed_s
        if peak_db >= self.hold_db:
            self.hold_db, self._held_s = peak_db, 0.0
        elif self._held_s > HOLD_S:
            self.hold_db = max(FLOOR_DB, self.level_db, self.hold_db - fall)
        self.clipped = self.clipped or peak_db >= 0.0

    def reset_clip(self) -> None:
        """Put the clip lamp out."""
        self.clipped = False
