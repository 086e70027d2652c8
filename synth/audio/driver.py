"""What the render thread asks of a device, whatever it is."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Block = NDArray[np.float32]
CHANNELS = 2


class Taken(NamedTuple):
    """A burst that the device took."""

    time: float
    """Monotonic time in s, or a little later."""
    device_frame: int
    """Its first frame as the device counts."""
    frame: int
    """Its first frame as we count: those written to the ring."""


class Driver(Protocol):
    """An opened output that takes float32 stereo frames from a ring. Opening raises AudioDeviceError.

    All methods but `open` are called by the render thread alone, until it has ended.
    """

    name: str
    """jack, portaudio or silent."""
    device: str
    """The device's own name."""
    rate: float
    """Frames per second."""
    burst: int
    """Frames that the device takes at a time (known once started)."""
    target: int
    """Frames that the ring is kept filled with: `ahead` blocks, and a whole burst (known once started)."""

    @property
    def latency_s(self) -> float:
        """Seconds from the moment at which a frame is taken, as `taken` counts, to the ear."""

    @property
    def xruns(self) -> int:
        """Underflows that the device reported."""

    @property
    def dry(self) -> int:
        """Times the ring ran dry, so that the device played silence."""

    def start(self) -> None:
        """Begin to take frames: silence, until the ring holds `target` frames."""

    def queued(self) -> int:
        """Frames in the ring. Also looks after the device: counts xruns, arms a ring that ran dry."""

    def write(self, block: Block) -> None:
        """Put [n, 2] frames into the ring; there is room for them."""

    def taken(self) -> Taken | None:
        """The last burst that was seen to be taken; None before the first, and while the ring is dry."""

    @property
    def alive(self) -> bool:
        """False once the device has gone; then nothing but the end of the process helps."""

    def close(self) -> None:
        """Stop and let the device go."""


def ring_target(block: int, ahead: int, burst: int) -> int:
    """Frames to keep in the ring: `ahead` blocks, where a device that takes more than a block at once needs that much more."""
    return (ahead - 1) * block + max(block, burst)
