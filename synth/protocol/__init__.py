"""What travels between the engine process and its clients: records, rings, shared blocks."""
