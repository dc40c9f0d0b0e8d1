"""Why a build failed, dug out of what Step Functions says of it."""

from dataclasses import dataclass

from sluiceway.causes import Shape, field, parsed


@dataclass(frozen=True)
class BuildFailure:
    """A failed build: what CodeBuild says, and where its log lies."""

    summary: str
    log_group: str | None = None
    log_stream: str | None = None


def build_failure(error: str, cause: str | None) -> BuildFailure:
    """From error and cause of `codebuild:startBuild.sync`; the cause is the build as JSON, or a text."""
    shape = parsed(cause)
    if shape is None:
        return BuildFailure(f"{error}: {cause or 'no cause given'}")
    build = field(shape, "build") or shape
    logs = field(build, "logs") or {}
    return BuildFailure(_summary(build), field(logs, "groupName"), field(logs, "streamName"))


def _summary(build: Shape) -> str:
    words = [f"build {field(build, 'id') or ''} ended as {field(build, 'buildStatus') or 'FAILED'}"]
    for phase in field(build, "phases") or ():
        messages = [field(context, "message") for context in field(phase, "contexts") or ()]
        words += [f"{field(phase, 'phaseType')}: {message}" for message in messages if message]
    return "; ".join(words)
