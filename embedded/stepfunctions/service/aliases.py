"""Aliases of state machines: a name for one version, or for two that share the executions.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-alias.html
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from embedded.stepfunctions.service import arns, errors, names
from embedded.stepfunctions.service.records import Alias, Catalog, Route

if TYPE_CHECKING:
    from embedded.stepfunctions.service.machines import Machines

Params = dict[str, Any]

MOST_ALIASES = 100


@dataclass(frozen=True)
class Aliases:
    """The operations on aliases."""

    machines: "Machines"

    @property
    def _catalog(self) -> Catalog:
        return self.machines.catalog

    def create(self, params: Params) -> Params:
        """CreateStateMachineAlias; the same request again is answered as the first."""
        routes = self._routes(params["routingConfiguration"])
        machine_arn = arns.machine(routes[0].version_arn).machine_arn
        with self.machines.lock:
            self.machines.active(machine_arn)
            arn = f"{machine_arn}:{params['name']}"
            known = self._catalog.aliases.find(arn)
            alias = self._same(known, routes, params) if known else self._create(arn, routes, params)
        return {"stateMachineAliasArn": arn, "creationDate": alias.created}

    def update(self, params: Params) -> Params:
        """UpdateStateMachineAlias."""
        with self.machines.lock:
            alias = self._find(params["stateMachineAliasArn"])
            self.machines.active(alias.machine_arn)
            changes: Params = {"updated": time.time()}
            if "routingConfiguration" in params:
                changes["routes"] = self._routes(params["routingConfiguration"], of=alias.machine_arn)
            if "description" in params:
                changes["description"] = params["description"]
            changed = self._catalog.aliases.put(alias.arn, alias.model_copy(update=changes))
        return {"updateDate": changed.updated}

    def describe(self, params: Params) -> Params:
        """DescribeStateMachineAlias."""
        alias = self._find(params["stateMachineAliasArn"])
        return {
            "stateMachineAliasArn": alias.arn,
            "name": alias.name,
            "description": alias.description,
            "routingConfiguration": [
                {"stateMachineVersionArn": route.version_arn, "weight": route.weight}
                for route in alias.routes
            ],
            "creationDate": alias.created,
            "updateDate": alias.updated,
        }

    def list(self, params: Params) -> Params:
        """ListStateMachineAliases, by name; of one version where its ARN is given."""
        reference = arns.machine(params["stateMachineArn"])
        self.machines.find(reference.machine_arn, named=reference.arn)
        known = self._catalog.aliases.all(f"{reference.machine_arn}:")
        if reference.qualifier:
            known = [a for a in known if any(route.version_arn == reference.arn for route in a.routes)]
        found, following = names.page(known, params)
        listed = [{"stateMachineAliasArn": each.arn, "creationDate": each.created} for each in found]
        return {"stateMachineAliases": listed, **following}

    def delete(self, params: Params) -> Params:
        """DeleteStateMachineAlias; one that is not there is no error."""
        reference = arns.machine(params["stateMachineAliasArn"])
        if reference.alias is None:
            raise errors.invalid_arn(reference.arn)
        self._catalog.aliases.remove(reference.arn)
        return {}

    def _find(self, arn: str) -> Alias:
        reference = arns.machine(arn)
        if reference.alias is None:
            raise errors.invalid_arn(arn)
        alias = self._catalog.aliases.find(arn)
        if alias is None:
            raise errors.references_nothing()
        return alias

    def _same(self, known: Alias, routes: tuple[Route, ...], params: Params) -> Alias:
        if (known.routes, known.description) != (routes, params.get("description")):
            raise errors.conflict(
                "Failed to create alias because an alias with the same name and a different routing "
                "configuration already exists."
            )
        return known

    def _create(self, arn: str, routes: tuple[Route, ...], params: Params) -> Alias:
        machine_arn = arns.machine(arn).machine_arn
        if len(self._catalog.aliases.all(f"{machine_arn}:")) >= MOST_ALIASES:
            raise errors.quota(f"{machine_arn} has {MOST_ALIASES} aliases, as many as there may be")
        now = time.time()
        alias = Alias(
            arn=arn,
            machine_arn=machine_arn,
            name=params["name"],
            routes=routes,
            created=now,
            updated=now,
            description=params.get("description"),
        )
        return self._catalog.aliases.put(arn, alias)

    def _routes(self, given: Sequence[Params], *, of: str | None = None) -> tuple[Route, ...]:
        routes = tuple(Route(version_arn=r["stateMachineVersionArn"], weight=r["weight"]) for r in given)
        _check_routes(routes)
        found = {arns.machine(route.version_arn).machine_arn for route in routes} | ({of} if of else set())
        if len(found) > 1:
            raise errors.validation("Routing configuration must contain versions of one state machine")
        if any(self._catalog.versions.find(route.version_arn) is None for route in routes):
            raise errors.references_nothing()
        return routes


def _check_routes(routes: tuple[Route, ...]) -> None:
    received = [route.version_arn for route in routes]
    listed = f"Received: [{', '.join(received)}]"
    for index, route in enumerate(routes):
        if route.weight > 100:
            member = f"routingConfiguration.{index + 1}.member.weight"
            raise errors.constraint(route.weight, member, "have value less than or equal to 100")
    if any(arns.machine(arn).version is None for arn in received):
        raise errors.validation(f"Routing configuration must contain state machine version ARNs. {listed}")
    if len(set(received)) < len(received):
        raise errors.validation(
            f"Routing configuration must contain distinct state machine version ARNs. {listed}"
        )
    weights = [route.weight for route in routes]
    if sum(weights) != 100:
        raise errors.validation(f"Sum of routing configuration weights must equal 100. Received: {weights}")
