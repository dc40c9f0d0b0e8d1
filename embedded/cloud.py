"""What a service of ours sees of the embedded cloud: where it is, who may do what, and how to take part.

Every service is a package with `install.py: install(cloud: Cloud) -> None`; `embedded.server` calls them all.
"""

import subprocess
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import boto3
from botocore.config import Config

from embedded import authority, registration
from embedded.authority import AccessDenied as AccessDenied
from embedded.hook import principal
from embedded.integrations import Integrations, Job, TaskContext
from embedded.integrations import TaskFailure as TaskFailure
from embedded.processes import Processes

Handler = Callable[
    [str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[tuple[int, dict[str, str], bytes]]
]

# Root in MiniStack: never evaluated. For the cloud's own upkeep only, never for what runs on anyone's behalf.
ROOT_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


@dataclass(frozen=True)
class Cloud:
    """The running embedded cloud, as its services use it."""

    endpoint_url: str
    region: str
    account_id: str
    state_dir: Path
    child_environment: Mapping[str, str]
    """What every child process gets: endpoint, region, CA bundles, PATH, HOME; no credentials."""
    processes: Processes
    integrations: Integrations = field(default_factory=Integrations)
    shutdown_callbacks: list[Callable[[], None]] = field(default_factory=list)
    save_callbacks: list[Callable[[], None]] = field(default_factory=list)

    def credentials(
        self, role_arn: str, session_name: str, *, service: str | None = None, source_arn: str = ""
    ) -> dict[str, str]:
        """`AWS_ACCESS_KEY_ID`, `…SECRET_ACCESS_KEY`, `…SESSION_TOKEN` of a session of a role that exists.

        `service` is the principal that assumes it, and `source_arn` for which resource: its trust policy must
        let it, or AccessDenied is raised.
        """
        return authority.session(role_arn, session_name, service=service, source_arn=source_arn)

    def client(
        self,
        service: str,
        *,
        role_arn: str | None = None,
        session_name: str = "service",
        on_behalf_of: str | None = None,
        source_arn: str = "",
        settings: Config | None = None,
    ) -> Any:
        """A boto3 client over the wire, under a role or as root. Call it from worker threads only.

        `on_behalf_of` names the service that calls, such as `states.amazonaws.com`, for the record of calls;
        it must be trusted to assume the role for the resource `source_arn`, or AccessDenied is raised.
        `settings` are further ones of botocore's, such as time-outs.
        """
        keys = ROOT_CREDENTIALS
        if role_arn:
            keys = self.credentials(role_arn, session_name, service=on_behalf_of, source_arn=source_arn)
        session: Any = boto3.Session(
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=keys.get("AWS_SESSION_TOKEN"),
            region_name=self.region,
        )
        return session.client(
            service,
            endpoint_url=self.endpoint_url,
            verify=self.child_environment["AWS_CA_BUNDLE"],
            config=(settings or Config()).merge(principal.client_config(on_behalf_of) or Config()),
        )

    def register_service(
        self,
        name: str,
        handler: Handler,
        *,
        credential_scopes: Sequence[str],
        target_prefixes: Sequence[str] = (),
    ) -> None:
        """Serve requests signed for these scopes, or with these `X-Amz-Target` prefixes, by `handler`.

        `handler` is MiniStack's: async (method, path, headers, body, query) -> (status, headers, body).
        It replaces MiniStack's own service of that name.
        """
        registration.service(name, handler, credential_scopes, target_prefixes)

    def register_iam(
        self,
        service: str,
        resources: Callable[[str, dict[str, Any]], Sequence[str]],
        *,
        models: Sequence[str],
    ) -> None:
        """Say on which ARNs an operation of a service acts, given its name and parameters.

        IAM is asked for each of them; an empty answer means `*`. `models` are botocore's names of it.
        """
        registration.iam_resources(service, resources, models)

    def register_resource_type(
        self,
        type_name: str,
        *,
        create: Callable[[str, dict[str, Any], str], tuple[str, dict[str, Any]]],
        delete: Callable[[str, dict[str, Any]], None],
        update: Callable[[str, dict[str, Any], dict[str, Any], str], tuple[str, dict[str, Any]]]
        | None = None,
    ) -> None:
        """Teach CloudFormation a type.

        create(logical_id, properties, stack_name) -> (physical_id, attributes)
        update(physical_id, old_properties, new_properties, stack_name) -> (physical_id, attributes)
        delete(physical_id, properties)
        """
        registration.resource_type(type_name, create, delete, update)

    def register_integration(
        self, resource: str, run: Callable[[dict[str, Any], TaskContext], dict[str, Any]]
    ) -> None:
        """Serve a Task's `Resource`, such as `arn:aws:states:::batch:submitJob.sync`.

        `run` gets the Task's arguments, in the execution's thread; it raises TaskFailure(error, cause).
        What AWS asks of the machine's role is for `run` to check: with `cloud.check`, or by calling under it.
        """
        self.integrations.add(resource, run)

    def register_job_integration(self, resource: str, job: Job) -> None:
        """Serve a Task's `Resource` that ends in `.sync` by jobs, which are found again after a restart."""
        self.integrations.add_job(resource, job)

    def check(
        self, role_arn: str, action: str, resource: str, *, context: Mapping[str, Any] | None = None
    ) -> None:
        """Raise AccessDenied unless a role may do `action` on `resource`: for what services do for others.

        `context` holds the service's own condition keys, in lower case: `{"iam:passedtoservice": "…"}`.
        """
        authority.check(role_arn, action, resource, context=context)

    def spawn(
        self,
        argv: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: Path,
        stdout: int | IO[Any] | None,
        stderr: int | IO[Any] | None = subprocess.STDOUT,
    ) -> "subprocess.Popen[Any]":
        """Start a process in its own group; it ends, with all that it started, when the cloud does."""
        return self.processes.spawn(argv, env=env, cwd=cwd, stdout=stdout, stderr=stderr)

    def on_shutdown(self, callback: Callable[[], None]) -> None:
        """Call `callback` at an orderly stop, before processes are ended; the last registered goes first."""
        self.shutdown_callbacks.insert(0, callback)

    def wait_until_saved(self) -> None:
        """Return when a kill loses nothing that MiniStack's services took up to now, as before an answer.

        Call it from worker threads only; raises StateNotSaved.
        """
        for save in self.save_callbacks:
            save()
