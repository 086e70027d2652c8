"""Open Sound Control: addresses to commands, and the port they come from."""
