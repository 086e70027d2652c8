"""This processor, and what is left of it without its widest instructions."""

from synth.machine import Machine, host


def machines() -> list[Machine]:
    """Widest first."""
    widest = host()
    found = [widest]
    if widest.name == "avx512":
        found.append(widest.without("avx512", "avx10"))
    if widest.name in ("avx512", "avx2"):
        found.append(widest.without("avx", "fma", "f16c"))
    return found
