"""What a call of StartBuild changes of its project, for one build."""

from embedded.codebuild.projects import Document


def source(project: Document, params: Document) -> Document:
    """The source of a build."""
    given = {
        "type": params.get("sourceTypeOverride"),
        "location": params.get("sourceLocationOverride"),
        "buildspec": params.get("buildspecOverride"),
    }
    base: Document = project["source"]
    return base | {key: value for key, value in given.items() if value is not None}


def environment(project: Document, params: Document) -> Document:
    """The environment of a build; its variables replace those of the project by name."""
    names = {
        "imageOverride": "image",
        "computeTypeOverride": "computeType",
        "environmentTypeOverride": "type",
    }
    given = {new: params[old] for old, new in names.items() if old in params}
    if "privilegedModeOverride" in params:
        given["privilegedMode"] = params["privilegedModeOverride"]
    base: Document = project["environment"]
    variables = {item["name"]: item for item in base.get("environmentVariables", ())}
    variables |= {item["name"]: item for item in params.get("environmentVariablesOverride", ())}
    return base | given | {"environmentVariables": list(variables.values())}


def logs(project: Document, params: Document, build_id: str) -> tuple[str | None, str]:
    """Log group (None when switched off) and stream of a build."""
    configuration = params.get("logsConfigOverride") or project.get("logsConfig") or {}
    cloudwatch = configuration.get("cloudWatchLogs", {})
    name, _, unique = build_id.partition(":")
    prefix = cloudwatch.get("streamName")
    stream = f"{prefix}/{unique}" if prefix else unique
    if cloudwatch.get("status") == "DISABLED":
        return None, stream
    return cloudwatch.get("groupName") or f"/aws/codebuild/{name}", stream


def s3_logs(project: Document, params: Document) -> str | None:
    """Where the log goes in S3 (`bucket/prefix`); None when switched off, as it is by default."""
    configuration = params.get("logsConfigOverride") or project.get("logsConfig") or {}
    given = configuration.get("s3Logs", {})
    return str(given["location"]) if given.get("status") == "ENABLED" else None


def artifacts(project: Document, params: Document) -> Document:
    """What a build leaves."""
    found: Document = params.get("artifactsOverride") or project["artifacts"]
    return found


def timeout_minutes(project: Document, params: Document) -> int:
    """After how many minutes a build is ended."""
    return int(params.get("timeoutInMinutesOverride") or project["timeoutInMinutes"])


def queued_timeout_minutes(project: Document, params: Document) -> int:
    """For how many minutes a build may be queued."""
    return int(params.get("queuedTimeoutInMinutesOverride") or project["queuedTimeoutInMinutes"])
