"""Baking periods: time passes while alarms are watched and the deployment's own time limit is kept."""

from embedded.sagemaker.alarms import AlarmsUnknownError
from embedded.sagemaker.policy import Policy
from embedded.sagemaker.site import Site

_LOOK_SECONDS = 1.0


class RollbackError(Exception):
    """The deployment has to be taken back; the message is the endpoint's FailureReason."""


class Oven:
    """Watches one deployment."""

    def __init__(self, site: Site, policy: Policy) -> None:
        self._site = site
        self._policy = policy
        self._role = site.pending.variants[0].role_arn
        started, limit = site.pending.started, policy.timeout
        self._deadline = started + limit if limit is not None else None

    def check(self) -> None:
        """Raise RollbackError when an alarm is in ALARM, cannot be read, or time has run out."""
        try:
            states = self._site.alarms.states(self._role, self._policy.alarms)
        except AlarmsUnknownError as error:
            raise RollbackError(str(error)) from error
        tripped = [name for name in self._policy.alarms if states[name] == "ALARM"]
        if tripped:
            raise RollbackError(
                f"The deployment was rolled back because one or more alarms of its auto-rollback "
                f"configuration are in ALARM: {', '.join(tripped)}."
            )
        if self._deadline is not None and self._site.clock.now() >= self._deadline:
            raise RollbackError(
                f"The deployment was rolled back because it took longer than its "
                f"MaximumExecutionTimeoutInSeconds of {self._policy.timeout}."
            )

    def bake(self, seconds: float) -> None:
        """Return after `seconds` without a reason to roll back; looks once even when there is no time."""
        end = self._site.clock.now() + seconds
        self.check()
        while (left := end - self._site.clock.now()) > 0:
            self._site.sleep(min(left, _LOOK_SECONDS))
            self.check()
