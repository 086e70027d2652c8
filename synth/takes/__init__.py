"""Takes: performances as events and curves, to be played again, rendered anew, or handed on as MIDI files."""
