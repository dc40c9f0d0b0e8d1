"""The section of one project, in the comment of a pull request and as the summary of its check run. Pure."""

from collections.abc import Callable, Mapping, Sequence

from sluiceway.github.comment_text_escape import block, code, prose
from sluiceway.github.comment_text_metrics import metric_table
from sluiceway.github.contracts import ProblemFound
from sluiceway.github.price import Price, in_words
from sluiceway.github.price_list import PriceList, public_prices
from sluiceway.github.report import Progress, ProjectReport

LONGEST = 65_000
"""characters; GitHub takes 65,535 in a comment and in a check run's summary"""
PROBLEMS_TOLD = 20
"""Problems in the text; the check run's annotations hold more."""

CUT = "… and more than GitHub shows: `sluice scores` and `sluice watch` show it all."

HEADLINES: Mapping[Progress, str] = {
    "checking": "⏳ {project} is being checked",
    "invalid": "❌ {project} has problems",
    "planned": "➖ {project} is valid, and was not tried",
    "waiting": "⏳ {project} waits",
    "running": "⏳ {project} is being tried",
    "succeeded": "✅ {project} passed the gate",
    "rejected": "❌ {project} did not pass the gate",
    "failed": "❌ {project} failed",
}
"""What to say first."""


def headline(report: ProjectReport) -> str:
    """One line: the project and how far it is."""
    return f"#### {HEADLINES[report.progress].format(project=prose(report.project))}"


def project_section(report: ProjectReport) -> str:
    """All that is known of a project, headline first."""
    parts = [headline(report), *(part for make in _PARTS if (part := make(report)))]
    return "\n\n".join(parts)


def project_summary(report: ProjectReport) -> str:
    """The same without its headline, which a check run shows as its title: as many parts as GitHub takes."""
    parts = [part for make in _PARTS if (part := make(report))]
    return "\n\n".join(_fitting(parts)) or "Nothing is known yet."


def _fitting(parts: Sequence[str]) -> list[str]:
    """Those that fit beside each other; one that is too long keeps no later one out."""
    kept: list[str] = []
    room = LONGEST - len(CUT)
    for part in parts:
        if len(part) + 2 <= room:
            kept.append(part)
            room -= len(part) + 2
    return kept if len(kept) == len(parts) else [*kept, CUT]


def _reason(report: ProjectReport) -> str:
    """In full where it may have several lines: it can hold the end of a step's log."""
    if not report.reason or report.progress in ("succeeded", "rejected"):
        return ""
    return block(report.reason) if "\n" in report.reason else prose(report.reason)


def _problems(report: ProjectReport) -> str:
    # Another bullet than that of the facts, or both would be one list.
    told = [f"* {code(place(each))} {prose(each.message)}" for each in report.problems]
    more = len(told) - PROBLEMS_TOLD
    return "\n".join([*told[:PROBLEMS_TOLD], *([f"* … and {more} more"] if more > 0 else [])])


def place(problem: ProblemFound) -> str:
    """`path:line`"""
    return problem.path if problem.line is None else f"{problem.path}:{problem.line}"


def _metrics(report: ProjectReport) -> str:
    if report.scores is None:
        return ""
    return metric_table(report.scores, gate=report.config.gate if report.config else None)


def _facts(report: ProjectReport) -> str:
    """A list: verdict, deployment, price, run."""
    lines = [f"- **{name}:** {text}" for name, make in _FACTS.items() if (text := make(report))]
    return "\n".join(lines)


def _gate(report: ProjectReport) -> str:
    return prose(report.gate)


def _preview(report: ProjectReport) -> str:
    """On what it was tried, where that is less than a merge trains on."""
    preview = report.config.preview if report.config else None
    if report.run is None or not report.run.preview or preview is None:
        return ""
    said = [f"{code(small)} in place of {code(name)}" for name, small in sorted(preview.data.items())]
    said += [f"at most {_duration(preview.timeout)} a step"] if preview.timeout else []
    said += [f"{code(f'{name}={value}')}" for name, value in sorted(preview.parameters.items())]
    return (
        f"a preview, with {', '.join(said)}; a merge trains and compares again, without these" if said else ""
    )


def _duration(seconds: int) -> str:
    for name, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds % size == 0:
            return f"{seconds // size} {name}"
    return f"{seconds} s"


def _deploys(report: ProjectReport) -> str:
    """What a merge would put behind the endpoint, or nothing and why."""
    if report.config is None:
        return "nothing: a merge of these files would be refused" if report.progress == "invalid" else ""
    deploy = report.config.deploy
    if deploy is None:
        return "no endpoint: `deploy` is null; the registry's champion is what the gate lets through"
    if report.progress in _NOTHING:
        return f"nothing: {_NOTHING[report.progress]}; {_stays(report)}"
    target = (
        f"{deploy.instance_count} × {code(deploy.instance_type)} behind the endpoint {code(report.endpoint)}"
    )
    condition = _condition(report)
    return f"{target}{condition}; {_replaces(report)}"


def _condition(report: ProjectReport) -> str:
    approval = report.config is not None and report.config.gate.approval
    wanted = [] if report.progress == "succeeded" else ["the gate lets the model through"]
    wanted += ["somebody approves it"] if approval else []
    return f", once {' and '.join(wanted)}" if wanted else ""


_NOTHING: Mapping[Progress, str] = {
    "invalid": "a merge of these files would be refused",
    "rejected": "the gate says no",
    "failed": "the run failed",
}


def _stays(report: ProjectReport) -> str:
    return f"version {prose(report.live.model_version)} stays live" if report.live else "nothing is live yet"


def _replaces(report: ProjectReport) -> str:
    if report.live is None:
        return "the project's first endpoint"
    return f"in place of version {prose(report.live.model_version)}"


def _deployment(report: ProjectReport) -> str:
    """Of a deployment of this very run, which previews do not have."""
    made = report.deployment
    if made is None:
        return ""
    why = f": {prose(made.reason)}" if made.reason else ""
    return f"version {prose(made.model_version)} {DEPLOYED[made.status]} {code(made.endpoint)}{why}"


DEPLOYED = {
    "IN_PROGRESS": "is going to",
    "SUCCEEDED": "is live behind",
    "FAILED": "did not come up behind",
}


def _price(report: ProjectReport) -> str:
    said = [_told("this run", report.run_price, ""), _told("the endpoint", report.endpoint_price, " a month")]
    known = [text for text in said if text]
    return f"{'; '.join(known)}; {_source(public_prices())}" if known else ""


def _told(what: str, price: Price | None, each: str) -> str:
    if price is None:
        return ""
    words = ", ".join(map(prose, price.left_out))
    if price.usd is None:
        return f"{what} {in_words(price)} ({words})"
    return f"{what} {in_words(price)}{each}{f' (without: {words})' if words else ''}"


def _source(prices: PriceList) -> str:
    return f"estimated with the public prices of {prices.region} of {prices.as_of}"


def _run(report: ProjectReport) -> str:
    if report.run is None:
        return ""
    same = ", an earlier run of the same inputs" if report.unchanged else ""
    return f"{code(report.run.run_id)}{same}; `sluice watch {report.run.run_id}` shows its steps and log"


_FACTS: Mapping[str, Callable[[ProjectReport], str]] = {
    "Gate": _gate,
    "Tried on": _preview,
    "A merge would deploy": _deploys,
    "Deployment": _deployment,
    "Price": _price,
    "Run": _run,
}
_PARTS: Sequence[Callable[[ProjectReport], str]] = (_reason, _problems, _metrics, _facts)
