"""Tags of state machines and activities.

https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#concepts-tagging
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from embedded.api_error import ApiError
from embedded.stepfunctions.service import arns, errors
from embedded.stepfunctions.service.records import Catalog, Tags

Params = dict[str, Any]
MOST_TAGS = 50


@dataclass(frozen=True)
class Tagging:
    """The operations on tags."""

    catalog: Catalog

    def tag(self, params: Params) -> Params:
        """TagResource."""
        arn = self._resource(params)
        self.catalog.tags.put(arn, checked(self._of(arn), params["tags"], arn))
        return {}

    def untag(self, params: Params) -> Params:
        """UntagResource."""
        arn = self._resource(params)
        kept = {key: value for key, value in self._of(arn).items() if key not in params["tagKeys"]}
        self.catalog.tags.put(arn, Tags(tags=kept))
        return {}

    def list(self, params: Params) -> Params:
        """ListTagsForResource."""
        found = self._of(self._resource(params))
        return {"tags": [{"key": key, "value": value} for key, value in found.items()]}

    def _of(self, arn: str) -> dict[str, str]:
        found = self.catalog.tags.find(arn)
        return dict(found.tags) if found else {}

    def _resource(self, params: Params) -> str:
        arn: str = params["resourceArn"]
        arns.check(arn, "stateMachine", "activity")
        if self.catalog.machines.find(arn) is None and self.catalog.activities.find(arn) is None:
            raise errors.no_resource(arn)
        return arn


def checked(before: Mapping[str, str], given: Iterable[Mapping[str, str]], arn: str) -> Tags:
    """The tags of a resource with some more; TooManyTags for more than there may be."""
    found = dict(before) | {tag["key"]: tag.get("value", "") for tag in given if "key" in tag}
    if len(found) > MOST_TAGS:
        message = f"{arn} would have {len(found)} tags; there may be {MOST_TAGS}"
        raise ApiError("TooManyTags", message, resourceName=arn)
    return Tags(tags=found)
