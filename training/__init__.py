"""Fits conditional implicit neural representations and exports them. Imports torch; from synth only the instrument contract."""
