"""The waveform of what the pads make just now, drawn by a helper process while somebody looks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from ui.state.session import Session

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """A wave [N, 2], lowest and highest value of each part, and its loop as shares of it; or a sentence why there is none."""

    peaks: Floats
    loop: tuple[float, float] = (0.0, 1.0)
    trouble: str = ""


class PresentWave(QObject):
    """`drawn` gives a Drawn."""

    drawn = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session

    def start(self) -> None:
        """Somebody looks."""

    def stop(self) -> None:
        """Nobody looks any more."""

    def restart(self) -> None:
        """Another instrument."""

    def renew(self) -> None:
        """Something moved."""
