"""What was kept by older versions becomes what this one keeps, a step at a time. A patch migrates along with its preset."""

from collections.abc import Callable, Mapping
from typing import Any

Fields = Mapping[str, Any]
VERSION = 1

MIGRATIONS: dict[int, Callable[[Fields], Fields]] = {}
"""A preset's fields in one version to those in the next."""


def migrated(
    fields: Fields,
    steps: Mapping[int, Callable[[Fields], Fields]] | None = None,
    version: int = VERSION,
    what: str = "preset",
) -> Fields:
    """The fields of `what` of any older version as those of `version`; what has no older version is left as it is.

    Raises ValueError where the fields do not belong to the version they name.
    """
    steps = MIGRATIONS if steps is None else steps
    named = fields.get("version", version)
    if type(named) is not int or not 1 <= named < version:
        return fields
    for step in range(named, version):
        try:
            fields = steps[step](fields)
        except (KeyError, TypeError) as error:
            raise ValueError(f"is no {what} of version {named}: {error}") from None
    return {**fields, "version": version}
