"""`python -m synth.audio.devices`: print the devices as one line of JSON. See synth.devices."""

import os
import sys

from sirenade.errors import AudioDeviceError, MidiError
from synth.audio import portaudio
from synth.devices import Devices, Output
from synth.midi import ports


def main() -> None:
    """Look and print; libraries that chatter or abort at exit are none of the reader's concern."""
    outputs: list[Output] = []
    inputs: list[str] = []
    audio_problem = midi_problem = ""
    try:
        outputs = portaudio.outputs()
    except AudioDeviceError as error:
        audio_problem = str(error)
    else:
        if not outputs:
            audio_problem = "this machine has no audio output; everything still plays, without sound."
    try:
        inputs = ports.input_names()
    except MidiError as error:
        midi_problem = str(error)
    print("\n" + Devices(tuple(outputs), tuple(inputs), audio_problem, midi_problem).to_json())
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
