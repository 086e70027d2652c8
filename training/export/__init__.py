"""Trained models -> instruments that keep the contract."""
