"""Fleets come up whole or not at all."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from embedded.sagemaker.clock import Clock
from embedded.sagemaker.containers import StartError, processes
from embedded.sagemaker.fleet import Fleet
from embedded.sagemaker.instance import Instance
from embedded.sagemaker.pools import Pool
from embedded.sagemaker.records import Options, Serverless, Variant
from embedded.sagemaker.upkeep import Starter


class Launcher:
    """Starts fleets, and ends them."""

    def __init__(self, containers: Starter, clock: Clock) -> None:
        self._containers = containers
        self._clock = clock

    def pinned(self, variants: Sequence[Variant]) -> tuple[Variant, ...]:
        """The variants with their images pinned to what they mean now."""
        return tuple(self._containers.resolved(each) for each in variants)

    def empty(self, config: str, variants: Sequence[Variant], options: Options) -> Fleet:
        """A fleet in which nothing runs yet."""
        return Fleet(
            variants={each.name: each for each in variants},
            instances={each.name: [] for each in variants if each.serverless is None},
            config=config,
            options=options,
        )

    def launch(self, endpoint: str, config: str, variants: Sequence[Variant], options: Options) -> Fleet:
        """A fleet whose every instance is healthy; when one is not, all are ended. Raises StartError."""
        with ThreadPoolExecutor(len(variants)) as pool:
            starts = [pool.submit(self._start, endpoint, each) for each in variants]
        failed = [error for error in (start.exception() for start in starts) if error]
        if failed:
            started = [start.result() for start in starts if not start.exception()]
            self.stop([instance for each in started for instance in _instances(each)])
            raise failed[0]
        fleet = self.empty(config, variants, options)
        made = {each.name: start.result() for each, start in zip(variants, starts, strict=True)}
        fleet.pools = {name: each for name, each in made.items() if isinstance(each, Pool)}
        fleet.instances = {name: each for name, each in made.items() if not isinstance(each, Pool)}
        return fleet

    def start(self, endpoint: str, variant: Variant, count: int) -> list[Instance]:
        """Start so many processes of a variant. Raises StartError."""
        return self._containers.start(endpoint, variant, count)

    def stop(self, instances: Sequence[Instance]) -> None:
        """End instances."""
        self._containers.stop(instances)

    def _start(self, endpoint: str, variant: Variant) -> list[Instance] | Pool:
        if variant.serverless is None:
            return self.start(endpoint, variant, processes(variant.instances))
        return self._serverless(endpoint, variant, variant.serverless)

    def _serverless(self, endpoint: str, variant: Variant, limits: Serverless) -> Pool:
        pool = Pool(
            limits,
            lambda: self.start(endpoint, variant, 1)[0],
            self.stop,
            clock=self._clock,
            processes=processes(limits.max_concurrency),
        )
        pool.warm()
        if not pool.running():
            self._stand_up(endpoint, variant)
        return pool

    def _stand_up(self, endpoint: str, variant: Variant) -> None:
        """SageMaker starts a serverless container once, to see that it can be started."""
        try:
            self.stop(self.start(endpoint, variant, 1))
        except StartError as error:
            raise StartError(
                f"Unable to successfully stand up your model within the allotted 180 second timeout. Please "
                f"ensure that downloading your model artifacts, starting your model container and passing "
                f"the ping health checks can be completed within 180 seconds. ({error})"
            ) from error


def _instances(started: list[Instance] | Pool) -> Sequence[Instance]:
    return started.running() if isinstance(started, Pool) else started
