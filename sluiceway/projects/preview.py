"""`preview:` of `sluice.yaml`: how a pull request is tried before it is merged."""

from pydantic import Field

from sluiceway.contract import Contract
from sluiceway.names import Name
from sluiceway.projects.duration import Duration
from sluiceway.projects.parameter_text import ParameterText


class Preview(Contract):
    """A preview trains and compares; it registers nothing and deploys nothing."""

    data: dict[Name, Name] = Field(
        default_factory=dict, description="a dataset of the project: the smaller one that stands in for it"
    )
    timeout: Duration | None = Field(
        default=None, ge=60, le=14 * 86400, description="the longest that a step may take, e.g. 10m"
    )
    parameters: dict[str, ParameterText] = Field(
        default_factory=dict, description="values in place of those of the steps"
    )
