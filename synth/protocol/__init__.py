"""How the app and the engine process talk: records, rings and a shared block on plain mapped files."""
