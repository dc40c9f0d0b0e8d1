"""Stage settings."""

import pytest
from pydantic import ValidationError

from cdk_app.settings import UnknownStageError, stage_settings


class Context(dict[str, str]):
    """The CDK's context as a dictionary."""

    def try_get_context(self, key: str) -> str | None:
        return self.get(key)


def test_an_unknown_stage_is_refused_by_name_with_the_known_ones() -> None:
    """A typo never deploys a stage with made-up settings."""
    with pytest.raises(UnknownStageError, match=r"'porduction'.*'dev', 'local', 'prod'"):
        stage_settings(Context(stage="porduction"))


def test_a_value_from_the_context_overrides_the_stage() -> None:
    """`-c tracking_uri=…` points a stage at a server of one's own."""
    settings = stage_settings(Context(stage="dev", tracking_uri="https://mlflow.example.org"))
    assert settings.tracking_uri == "https://mlflow.example.org"


def test_a_wrong_override_is_refused() -> None:
    """A value that AWS would refuse an hour later is refused at synth."""
    with pytest.raises(ValidationError, match="architecture"):
        stage_settings(Context(stage="dev", architecture="sparc"))


@pytest.mark.parametrize("stage", ["dev", "prod", "local"])
def test_a_scheduled_export_leaves_no_gap(stage: str) -> None:
    """A daily export looks back a day."""
    settings = stage_settings(Context(stage=stage))
    assert settings.export_schedule == "cron(10 0 * * ? *)"
    assert settings.export_minutes >= 24 * 60
