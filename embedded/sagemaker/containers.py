"""From a variant to running containers: image, model data, environment, credentials and logs."""

import contextlib
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from embedded.cloud import AccessDenied, Cloud
from embedded.images.image import ProcessImage
from embedded.images.registry import ImageNotFoundError, Reference, parse_reference
from embedded.images.resolve import resolve
from embedded.log_stream import LogStream
from embedded.sagemaker import model_data
from embedded.sagemaker.instance import Instance, Launch, UnhealthyError
from embedded.sagemaker.naming import log_group
from embedded.sagemaker.records import Variant
from embedded.sagemaker.roles import PRINCIPAL, trust_advice

MAX_INSTANCES = 2
"""A laptop runs at most so many processes for a variant, however many instances are asked for."""

_FOR_BUILDS = ("PIP_", "UV_")
"""How this machine reaches package registries: nothing that a serving process should know."""

_PULL = ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")


@dataclass(frozen=True)
class Place:
    """Where the lines of containers go: a log group, and how their streams' names begin."""

    group: str
    prefix: str


class StartError(Exception):
    """A variant that cannot be started; the message is the endpoint's FailureReason."""


class Containers:
    """Starts instances in `folder`, one sub-folder each, removed when the instance ends."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self._cloud = cloud
        self._folder = folder
        shutil.rmtree(folder, ignore_errors=True)  # Of instances that ended with an earlier server.

    def start(self, endpoint: str, variant: Variant, count: int) -> list[Instance]:
        """Start `count` instances and return them when all are healthy; else none is left."""
        return self.start_at(Place(log_group(endpoint), variant.name), variant, count)

    def start_at(self, place: Place, variant: Variant, count: int) -> list[Instance]:
        """The same with logs in another place."""
        if not count:
            return []
        instances = [Instance(variant.name) for _ in range(count)]
        try:
            image = self._pull(variant)
            with ThreadPoolExecutor(count) as pool:
                list(pool.map(lambda each: self._start(place, variant, image, each), instances))
        except BaseException:
            self.stop(instances)
            raise
        return instances

    def stop(self, instances: Sequence[Instance]) -> None:
        """End instances, at the same time, and remove their files."""
        if not instances:
            return
        with ThreadPoolExecutor(len(instances)) as pool:
            list(pool.map(self._stop, instances))

    def resolved(self, variant: Variant) -> Variant:
        """The variant with its image pinned to what it means now."""
        image = variant.container.image
        try:
            reference = parse_reference(image)
            if reference.digest is None:
                image = f"{reference.uri}@{self._digest(reference)}"
        except (ClientError, ImageNotFoundError) as error:
            raise _no_image(variant) from error
        return variant.model_copy(update={"resolved_image": image, "resolved_at": time.time()})

    def _digest(self, reference: Reference) -> str:
        ecr = self._cloud.client("ecr")
        found = ecr.describe_images(
            repositoryName=reference.repository, imageIds=[{"imageTag": reference.tag}]
        )
        return str(found["imageDetails"][0]["imageDigest"])

    def _pull(self, variant: Variant) -> ProcessImage:
        """The image, with the permissions that pulling it takes."""
        try:
            reference = parse_reference(variant.container.image)
            self._cloud.check(variant.role_arn, "ecr:GetAuthorizationToken", "*")
            for action in _PULL:
                self._cloud.check(variant.role_arn, action, reference.repository_arn)
            return resolve(self._cloud, variant.container.image)
        except (AccessDenied, ImageNotFoundError) as error:
            raise _no_image(variant) from error

    def _start(self, place: Place, variant: Variant, image: ProcessImage, instance: Instance) -> None:
        folder = self._folder / instance.instance_id
        self._fetch(variant, folder / "model")
        own = image.instance(folder)
        on_line, on_end = self._log(place, variant, instance)
        launch = Launch(
            argv=own.command(["serve"]),
            environment=self._environment(variant, own, folder),
            workdir=own.workdir,
            on_line=on_line,
            on_end=on_end,
        )
        instance.start(self._cloud, launch)
        try:
            instance.wait_until_healthy(variant.startup_seconds)
        except UnhealthyError as error:
            raise StartError(
                f"The primary container for production variant {variant.name} did not pass the ping health "
                f"check. Please check CloudWatch logs for this endpoint."
            ) from error

    def _fetch(self, variant: Variant, folder: Path) -> None:
        container = variant.container
        try:
            s3 = self._cloud.client(
                "s3", role_arn=variant.role_arn, session_name="SageMaker", on_behalf_of=PRINCIPAL
            )
            model_data.fetch(s3, container, folder)
        except AccessDenied as error:
            raise StartError(
                f"Could not assume role {variant.role_arn}. {trust_advice(variant.role_arn)}"
            ) from error
        except model_data.NoAccessError as error:
            raise StartError(
                f'Failed to download model data for container "container_1" from URL: "{error.uri}". Please '
                f"ensure that there is an object located at the URL and that the role passed to CreateModel "
                f"has permissions to download the object."
            ) from error
        except (model_data.UnsafeArchiveError, OSError, EOFError) as error:
            raise StartError(
                f'Failed to extract model data archive for container "container_1" from URL '
                f'"{container.archive or container.folder}". Please ensure that the object located at the '
                f"URL is a valid tar.gz archive."
            ) from error

    def _environment(self, variant: Variant, image: ProcessImage, folder: Path) -> dict[str, str]:
        inherited = self._cloud.child_environment.items()
        return {
            **{key: value for key, value in inherited if not key.startswith(_FOR_BUILDS)},
            **image.environment(),
            "SLUICEWAY_BIND_HOST": "127.0.0.1",
            **variant.container.environment,
            **self._credentials(variant),
            "SM_MODEL_DIR": str(folder / "model"),
        }

    def _credentials(self, variant: Variant) -> dict[str, str]:
        isolated = variant.container.isolated
        return {} if isolated else self._cloud.credentials(variant.role_arn, "SageMaker")

    def _log(
        self, place: Place, variant: Variant, instance: Instance
    ) -> tuple[Callable[[str], None], Callable[[], None]]:
        """Where the container's lines go. A role that may not log has containers without logs, as on AWS."""
        logs = self._cloud.client(
            "logs", role_arn=variant.role_arn, session_name="SageMaker", on_behalf_of=PRINCIPAL
        )
        try:
            with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
                logs.create_log_group(logGroupName=place.group)
            stream = LogStream(logs, place.group, f"{place.prefix}/{instance.instance_id}").open()
        except ClientError:
            return (lambda _line: None), (lambda: None)
        return stream.write, stream.close

    def _stop(self, instance: Instance) -> None:
        instance.stop()
        shutil.rmtree(self._folder / instance.instance_id, ignore_errors=True)


def processes(asked: int) -> int:
    """How many processes stand for so many instances."""
    return min(asked, MAX_INSTANCES)


def _no_image(variant: Variant) -> StartError:
    return StartError(
        f"Please make sure all images included in the model for the production variant {variant.name} exist, "
        f"and that the execution role used to create the model has permissions to access them."
    )
