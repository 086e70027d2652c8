"""OSC packets -> timed commands. A bundle's time tag is the time its messages are meant for; else they are meant for now.

Time tags are wall-clock time (NTP); the engine's is monotonic. Tags that are a little late are kept as they are: the engine's
latency is longer than a packet's way, so the notes still keep their distances.
"""

import math
from collections.abc import Iterator

from pythonosc import osc_bundle, osc_message
from pythonosc.parsing import osc_types

from synth.commands import Command
from synth.osc.addresses import OscError, command_of

HORIZON_S = 600.0
"""A time tag further away than that is of a clock that is wrong."""
MAX_DEPTH = 8

Timed = tuple[Command, float]


def read(packet: bytes, arrived: float, wall_minus_monotonic: float) -> list[Timed]:
    """Commands of a packet that came at `arrived` (s, monotonic), each with its time (s, monotonic). Raises OscError."""
    try:
        if osc_bundle.OscBundle.dgram_is_bundle(packet):
            return list(_of_bundle(osc_bundle.OscBundle(packet), arrived, wall_minus_monotonic))
        message = osc_message.OscMessage(packet)
    except OscError:
        raise
    except Exception as error:  # the parser has errors of its own, and some of Python's, for what it does not expect
        raise OscError(f"this is no OSC packet: {error}") from None
    return [(command_of(message.address, message.params), arrived)]


def _of_bundle(bundle: osc_bundle.OscBundle, arrived: float, wall_minus_monotonic: float, depth: int = 0) -> Iterator[Timed]:
    if depth > MAX_DEPTH:
        raise OscError("bundles within bundles within bundles")
    meant = arrived
    if bundle.timestamp != osc_types.IMMEDIATELY:
        meant = bundle.timestamp - wall_minus_monotonic
        if not math.isfinite(meant) or abs(meant - arrived) > HORIZON_S:
            raise OscError("a time tag far from now")
    for content in bundle:
        if isinstance(content, osc_bundle.OscBundle):
            yield from _of_bundle(content, arrived, wall_minus_monotonic, depth + 1)
        else:
            yield command_of(content.address, content.params), meant
