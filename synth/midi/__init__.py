"""MIDI messages to commands, and the ports they come from."""
