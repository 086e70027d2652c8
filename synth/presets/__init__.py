"""Presets: all that a player sets of a sound, as files and as commands to the engine."""
