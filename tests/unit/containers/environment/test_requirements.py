"""What every environment image holds beside the project's own packages."""

from cdk_app.bundling.recipe import ROOT


def test_a_projects_mlflow_can_reach_the_managed_app() -> None:
    """Its tracking URI is an ARN there, and MLflow itself knows no such scheme."""
    wanted = (ROOT / "containers/environment/requirements.in").read_text().splitlines()
    locked = (ROOT / "requirements/container.txt").read_text()
    assert "sagemaker-mlflow" in wanted
    assert "\nsagemaker-mlflow==" in locked
