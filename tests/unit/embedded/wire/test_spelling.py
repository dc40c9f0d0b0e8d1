"""Documents of Step Functions and CloudFormation, in the API's spelling and back."""

import pytest

from embedded.shapes import service_model
from embedded.spelling import UnknownMemberError, from_pascal, to_pascal

SUBMIT = service_model("batch").operation_model("SubmitJob").input_shape
PROJECT = service_model("codebuild").operation_model("CreateProject").input_shape
BUILD = service_model("codebuild").shape_for("Build")


def test_members_are_respelled_and_keys_of_maps_are_not() -> None:
    """Tags and parameters are data."""
    given = {"JobName": "j", "Parameters": {"Source": "s"}, "ContainerOverrides": {"Command": ["Keep"]}}
    expected = {"jobName": "j", "parameters": {"Source": "s"}, "containerOverrides": {"command": ["Keep"]}}
    assert from_pascal(SUBMIT, given) == expected
    assert to_pascal(SUBMIT, expected) == given


def test_cloudformations_text_becomes_numbers_and_booleans() -> None:
    """And its `BuildSpec` is the API's `buildspec`."""
    given = {"TimeoutInMinutes": "60", "BadgeEnabled": "false", "Source": {"Type": "S3", "BuildSpec": "b"}}
    expected = {"timeoutInMinutes": 60, "badgeEnabled": False, "source": {"type": "S3", "buildspec": "b"}}
    assert from_pascal(PROJECT, given) == expected


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"JobNames": "j"}, "JobNames is not supported"),
        ({"jobName": "j"}, "jobName is not supported"),
        ({"ContainerOverrides": {"Comand": []}}, "ContainerOverrides.Comand is not supported; there are: "),
        ({"ContainerOverrides": {"Command": "x"}}, "ContainerOverrides.Command: 'x' is not a list"),
        ({"Timeout": {"AttemptDurationSeconds": "soon"}}, "'soon' is not a integer"),
    ],
)
def test_what_the_api_does_not_have_is_refused(given: dict[str, object], words: str) -> None:
    """By its full path."""
    with pytest.raises(UnknownMemberError, match=words):
        from_pascal(SUBMIT, given)


def test_timestamps_become_milliseconds() -> None:
    """As Step Functions shows them."""
    assert to_pascal(BUILD, {"startTime": 1.5, "id": "p:1"}) == {"StartTime": 1500, "Id": "p:1"}
