"""The preset browser: find, hear, keep."""
