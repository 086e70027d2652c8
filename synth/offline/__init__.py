"""The same engine without a clock: timelines, MIDI files, rendering to WAV."""
