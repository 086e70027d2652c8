"""`python -m sirenade` is the `sirenade` command."""

from sirenade.cli import main

main()
