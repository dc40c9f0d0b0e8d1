"""A build as it is started: its project, and what the call changes of it for this once."""

import hashlib
import json
import time
import uuid
from collections.abc import Callable

from embedded.codebuild import overrides
from embedded.codebuild.artifacts import check_artifacts
from embedded.codebuild.model import Build
from embedded.codebuild.project_checks import check_environment, check_logs, check_minutes
from embedded.codebuild.projects import Document
from embedded.codebuild.source import check_source


def new_build(
    project: Document,
    params: Document,
    *,
    arn: Callable[[str], str],
    number: Callable[[], int],
    initiator: str,
) -> Build:
    """The build that StartBuild asks for; raises InvalidInputException. `number` gives its number."""
    source, environment = overrides.source(project, params), overrides.environment(project, params)
    artifacts = overrides.artifacts(project, params)
    check_source(source)
    check_artifacts(artifacts)
    check_environment(environment)
    check_logs(params.get("logsConfigOverride", {}))
    check_minutes(params, "Override")
    build_id = f"{project['name']}:{uuid.uuid4()}"
    group, stream = overrides.logs(project, params, build_id)
    return Build(
        id=build_id,
        arn=arn(build_id),
        number=number(),
        project=project["name"],
        start=time.time(),
        source=source,
        environment=environment,
        artifacts=artifacts,
        service_role=str(params.get("serviceRoleOverride", project["serviceRole"])),
        timeout_minutes=overrides.timeout_minutes(project, params),
        queued_timeout_minutes=overrides.queued_timeout_minutes(project, params),
        initiator=initiator,
        encryption_key=project["encryptionKey"],
        log_group=group,
        log_stream=stream,
        s3_logs=overrides.s3_logs(project, params),
        source_version=params.get("sourceVersion", project.get("sourceVersion")) or None,
        token=params.get("idempotencyToken"),
        params_digest=digest(params),
    )


def digest(params: Document) -> str:
    """What two calls with the same token must have in common."""
    return hashlib.sha256(json.dumps(params, sort_keys=True, default=str).encode()).hexdigest()
