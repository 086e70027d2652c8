"""The `sirenade` command: one Typer application that the packages add their commands to."""

import sys

import typer

import benchmarks.cli
import sirenade
import synth.cli
import training.cli
import ui.cli
from sirenade.errors import SirenadeError


def build() -> typer.Typer:
    """The command with every subcommand. Heavy imports (PyTorch, Qt, PortAudio) wait until a subcommand needs them."""
    app = typer.Typer(
        name="sirenade",
        help="Play sounds as continuous functions, and make them.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @app.callback(invoke_without_command=True)
    def version(
        show: bool = typer.Option(False, "--version", help="Print the version and exit.", is_eager=True),
    ) -> None:
        if show:
            typer.echo(f"sirenade {sirenade.__version__}")
            raise typer.Exit

    ui.cli.register(app)
    synth.cli.register(app)
    training.cli.register(app)
    benchmarks.cli.register(app)
    return app


def main() -> None:
    """Run the command; an error of the user's is one sentence and exit code 2."""
    try:
        build()()
    except SirenadeError as error:
        print(f"sirenade: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:  # a full disk, a folder that may not be written
        print(f"sirenade: {error.filename or 'a file'}: {error.strerror or error}.", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
