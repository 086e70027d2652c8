"""Settings of the engine process. Device, rate and block change while notes sound; the rest by starting the engine anew."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class EngineSettings(BaseModel):
    """What the engine process is started with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    driver: Literal["auto", "jack", "portaudio", "silent"] = "auto"
    """auto: JACK where a server runs, else PortAudio's device where there is one, else silent (a wall clock without sound)."""
    device: str | None = None
    """Output device by (part of its) name; None: the system's default. Never by index: indices move."""
    rate: Annotated[int, Field(ge=8000, le=384000)] | None = None
    """Device rate in Hz; None: the device's own."""
    block: Annotated[int, Field(ge=16, le=8192)] = 256
    """Frames per block."""
    ahead: Annotated[int, Field(ge=1, le=16)] = 2
    """Blocks kept ready in the ring."""
    polyphony: Annotated[int, Field(ge=1, le=64)] = 16
    evaluator: Literal["auto", "native", "onnx", "cuda"] = "auto"
    """What computes the sound; auto: the fastest for the instrument, measured when it is first loaded."""
    threads: Annotated[int, Field(ge=1, le=64)] = 1
    """Threads that compute the sound."""
    midi_inputs: tuple[str, ...] | None = None
    """MIDI input ports to open by (part of their) name; None: all; (): none."""
    osc_port: Annotated[int, Field(ge=0, le=65535)] = 9000
    """UDP port of this machine on which OSC is listened to, if it is free; 0: none."""
    virtual_midi: bool = True
    """Offer a virtual MIDI port named Sirenade where the system can."""
