"""Searches for omegas and other settings: short trainings, shared by any number of workers (the thesis, section 5.7)."""
