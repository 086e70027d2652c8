"""What older versions kept becomes what this one keeps: presets, sessions, preferences, takes and instruments' cards alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import BaseModel, ValidationError, model_validator

Fields = Mapping[str, Any]
Step = Callable[[Fields], Fields]


@dataclass(frozen=True)
class Kind:
    """A kind of file: what it is called, its present version, and the step from each older version to the next."""

    what: str
    version: int
    steps: Mapping[int, Step] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if set(self.steps) != set(range(1, self.version)):
            raise ValueError(f"a {self.what} of version {self.version} needs a step from each version before")

    def migrated(self, fields: Fields) -> Fields:
        """The fields of any version as those of the present one; what names no version is of the present one.

        Raises ValueError where the fields do not belong to the version they name, and for versions that are yet to come.
        """
        named = fields.get("version", self.version)
        if type(named) is not int or named < 1:
            return fields  # for the model to refuse
        if named > self.version:
            raise ValueError(f"was written for version {named}; this program reads up to {self.version}")
        for step in range(named, self.version):
            try:
                fields = self.steps[step](fields)
            except (AttributeError, KeyError, TypeError) as error:
                raise ValueError(f"is no {self.what} of version {named}: {error}") from None
        return {**fields, "version": self.version}


class Kept(BaseModel):
    """Base of what is kept in a file: whatever its version, it is read as that of `KIND`."""

    KIND: ClassVar[Kind]

    @model_validator(mode="before")
    @classmethod
    def _up_to_date(cls, fields: Any) -> Any:  # noqa: ANN401
        return cls.KIND.migrated(fields) if isinstance(fields, Mapping) else fields


def first_wrong(error: ValidationError) -> str:
    """The first thing that is wrong, for a sentence: where in the file, and what."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else first["msg"]
