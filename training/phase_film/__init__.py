"""Phase-film: an instrument as a small sine network that is computed for every sample, on harmonics of a phase."""
