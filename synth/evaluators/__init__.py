"""Evaluators run the graphs of an instrument, behind one interface."""
