"""GitHub's REST API for what is written by reports, from its documentation, on a `ReportBoard`.

Sources: "REST API endpoints for commit statuses", "… check runs", "… issue comments" (2022-11-28).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.github_reports import Entry, ReportBoard

Reply = tuple[int, Any]
Asked = tuple[ReportBoard, "re.Match[str]", Mapping[str, str], Entry]
STATES = ("error", "failure", "pending", "success")
CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out")
LONGEST_BODY = 65536
LONGEST_SUMMARY = 65535
REPO = r"/repos/(?P<repo>[^/]+/[^/]+)"
UNKNOWN_COMMIT = "0" * 40
LOCKED_PULL_REQUEST = 423


def answer(
    board: ReportBoard, method: str, path: str, query: Mapping[str, str], body: Entry | None
) -> Reply | None:
    """Status and JSON; None: it is none of these endpoints."""
    for verb, pattern, reply in ROUTES:
        found = re.fullmatch(pattern, path)
        if verb == method and found is not None:
            return reply((board, found, query, body or {}))
    return None


def _invalid(resource: str, field: str, message: str) -> Reply:
    errors = [{"resource": resource, "code": "custom", "field": field, "message": message}]
    return 422, {"message": "Validation Failed", "errors": errors}


def _missing() -> Reply:
    return 404, {"message": "Not Found"}


def _page(query: Mapping[str, str], entries: list[Entry]) -> list[Entry]:
    size, page = int(query.get("per_page", "30")), int(query.get("page", "1"))
    return entries[(page - 1) * size : page * size]


def _statuses(asked: Asked) -> Reply:
    board, found, query, _ = asked
    newest_first = list(reversed(board.statuses.get((found["repo"], found["sha"]), [])))
    return 200, _page(query, newest_first)


def _add_status(asked: Asked) -> Reply:
    board, found, _, body = asked
    if found["sha"] == UNKNOWN_COMMIT:
        return 422, {"message": f"No commit found for SHA: {found['sha']}"}
    if body.get("state") not in STATES:
        return _invalid("Status", "state", "is not included in the list")
    if len(body.get("description") or "") > 140:
        return _invalid("Status", "description", "description is too long (maximum is 140 characters)")
    if len(board.states(found["repo"], found["sha"], body["context"])) >= 1000:
        return _invalid("Status", "sha", "This SHA and context has reached the maximum number of statuses.")
    return 201, board.add_status(found["repo"], found["sha"], body)


def _check_runs(asked: Asked) -> Reply:
    board, found, query, _ = asked
    runs = [
        run
        for run in board.checks(found["repo"], found["sha"])
        if run["name"] == query.get("check_name", run["name"])
    ]
    return 200, {"total_count": len(runs), "check_runs": [_shown(run) for run in _page(query, runs)]}


def _shown(run: Entry) -> Entry:
    """As GitHub shows it: annotations have an endpoint of their own."""
    output = {name: value for name, value in run["output"].items() if name != "annotations"}
    return {**run, "output": output}


def _add_check_run(asked: Asked) -> Reply:
    board, found, _, body = asked
    if body.get("head_sha") == UNKNOWN_COMMIT:
        return 422, {"message": f"No commit found for SHA: {body['head_sha']}"}
    wrong = _wrong_check_run(body)
    return wrong or (201, _shown(board.add_check_run(found["repo"], body)))


def _wrong_check_run(body: Entry) -> Reply | None:
    output = body.get("output", {})
    if body.get("conclusion") not in (*CONCLUSIONS, None):
        return _invalid("CheckRun", "conclusion", "is not included in the list")
    if body.get("status") == "completed" and body.get("conclusion") is None:
        return _invalid("CheckRun", "conclusion", "must be given")
    if len(output.get("summary", "")) > LONGEST_SUMMARY:
        return _invalid("CheckRun", "summary", "Only 65535 characters are allowed; 65536 were supplied.")
    if len(output.get("annotations", ())) > 50:
        return _invalid("CheckRun", "annotations", "No more than 50 items are allowed")
    if not all(
        type(each.get("start_line")) is int and each.get("message") for each in output.get("annotations", ())
    ):
        return _invalid("CheckRun", "annotations", "start_line and message must be given")
    return None


def _check_run(asked: Asked) -> Reply:
    board, found, _, _ = asked
    run = board.check_run(found["repo"], int(found["id"]))
    return (200, _shown(run)) if run else _missing()


def _change_check_run(asked: Asked) -> Reply:
    board, found, _, body = asked
    run = board.check_run(found["repo"], int(found["id"]))
    if run is None:
        return _missing()
    wrong = _wrong_check_run(body)
    if wrong is None:
        board.change_check_run(run, body)
    return wrong or (200, _shown(run))


def _comments(asked: Asked) -> Reply:
    board, found, query, _ = asked
    return 200, _page(query, board.comments.get((found["repo"], int(found["number"])), []))


def _add_comment(asked: Asked) -> Reply:
    board, found, _, body = asked
    number = int(found["number"])
    if number == LOCKED_PULL_REQUEST:
        return 403, {"message": "Unable to create comment because issue is locked."}
    if len(body["body"]) > LONGEST_BODY:
        return _invalid("IssueComment", "body", "body is too long (maximum is 65536 characters)")
    return 201, board.add_comment(found["repo"], number, body["body"])


def _comment(asked: Asked) -> Reply:
    board, found, _, _ = asked
    comment = board.comment(found["repo"], int(found["id"]))
    return (200, comment) if comment else _missing()


def _change_comment(asked: Asked) -> Reply:
    board, found, _, body = asked
    comment = board.comment(found["repo"], int(found["id"]))
    if comment is None:
        return _missing()
    comment["body"] = body["body"]
    return 200, comment


SHA = r"(?P<sha>[0-9a-f]{40})"
ROUTES: tuple[tuple[str, str, Callable[[Asked], Reply]], ...] = (
    ("GET", rf"{REPO}/commits/{SHA}/statuses", _statuses),
    ("POST", rf"{REPO}/statuses/{SHA}", _add_status),
    ("GET", rf"{REPO}/commits/{SHA}/check-runs", _check_runs),
    ("POST", rf"{REPO}/check-runs", _add_check_run),
    ("GET", rf"{REPO}/check-runs/(?P<id>\d+)", _check_run),
    ("PATCH", rf"{REPO}/check-runs/(?P<id>\d+)", _change_check_run),
    ("GET", rf"{REPO}/issues/(?P<number>\d+)/comments", _comments),
    ("POST", rf"{REPO}/issues/(?P<number>\d+)/comments", _add_comment),
    ("GET", rf"{REPO}/issues/comments/(?P<id>\d+)", _comment),
    ("PATCH", rf"{REPO}/issues/comments/(?P<id>\d+)", _change_comment),
)
