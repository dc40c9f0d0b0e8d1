"""SageMaker hosting in memory, one step at a time: an endpoint changes until `settle` is called."""

from dataclasses import replace

from sluiceway.errors import DeploymentFailed, LostRace
from sluiceway.gateways.hosting import Endpoint, EndpointConfig, HostedModel


class MemoryHosting:
    """`Hosting` in memory."""

    def __init__(self) -> None:
        self.models: dict[str, HostedModel] = {}
        self.configs: dict[str, EndpointConfig] = {}
        self.endpoints: dict[str, Endpoint] = {}

    def ensure_model(self, model: HostedModel) -> None:
        self.models.setdefault(model.name, model)

    def ensure_config(self, config: EndpointConfig) -> None:
        self.configs.setdefault(config.name, config)

    def describe(self, endpoint: str) -> Endpoint | None:
        return self.endpoints.get(endpoint)

    def create(self, endpoint: str, config: str) -> None:
        if endpoint in self.endpoints:
            raise LostRace(f"endpoint {endpoint} was created meanwhile")
        self.endpoints[endpoint] = Endpoint(endpoint, config, "Creating")

    def update(self, endpoint: str, config: str) -> None:
        standing = self.endpoints[endpoint]
        if standing.changing:
            raise LostRace(f"endpoint {endpoint} is being changed")
        self.endpoints[endpoint] = replace(standing, status="Updating", pending_config=config)

    def delete(self, endpoint: str) -> None:
        self.endpoints.pop(endpoint, None)

    def settle(self, endpoint: str, *, fails: str | None = None) -> None:
        """End the change under way: in service, or failed for a reason (an update then goes back)."""
        standing = self.endpoints[endpoint]
        if fails is None:
            config = standing.pending_config or standing.config
            self.endpoints[endpoint] = Endpoint(endpoint, config, "InService")
        else:
            status = "InService" if standing.status == "Updating" else "Failed"
            self.endpoints[endpoint] = Endpoint(endpoint, standing.config, status, fails)


class MemoryInvocations:
    """`Invocations` in memory: answers, or refuses, the same to everybody."""

    def __init__(self, answer: str | None = None) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str]] = []

    def invoke(self, endpoint: str, body: str) -> str:
        self.asked.append((endpoint, body))
        if self.answer is None:
            raise DeploymentFailed(f"endpoint {endpoint} answered 500")
        return self.answer
