"""What older versions kept is read a step at a time, and what cannot be read says so."""

from typing import ClassVar

import pytest
from pydantic import ValidationError

from sirenade.migrations import Kept, Kind

STEPS = {
    1: lambda fields: {**fields, "name": fields["title"]},
    2: lambda fields: {**fields, "name": fields["name"].upper()},
}
THING = Kind("thing", 3, STEPS)


def test_older_versions_migrate_a_step_at_a_time():
    assert THING.migrated({"version": 1, "title": "x"}) == {"version": 3, "title": "x", "name": "X"}
    assert THING.migrated({"version": 2, "name": "x"}) == {"version": 3, "name": "X"}
    assert THING.migrated({"version": 3, "name": "x"}) == {"version": 3, "name": "x"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"version": 1}, "is no thing of version 1"),
        ({"version": 1, "title": 5}, "is no thing of version 1"),
        ({"version": 4, "name": "x"}, "was written for version 4; this program reads up to 3"),
    ],
)
def test_what_does_not_keep_to_its_version_is_refused_with_a_reason(fields, words):
    with pytest.raises(ValueError, match=words):
        THING.migrated(fields)


def test_a_model_reads_every_version_and_no_false_ones():
    class Model(Kept):
        KIND: ClassVar = THING
        version: int = 3
        name: str

    assert Model.model_validate_json('{"version": 1, "title": "x", "name": "y"}').name == "X"
    assert Model.model_validate({"name": "x"}).name == "x"
    for bad in ('{"version": 9, "name": "x"}', "[]", '{"version": 1}'):
        with pytest.raises(ValidationError):
            Model.model_validate_json(bad)


def test_a_kind_that_lacks_a_step_is_a_mistake():
    with pytest.raises(ValueError, match="needs a step from each version before"):
        Kind("thing", 3, {2: STEPS[2]})
