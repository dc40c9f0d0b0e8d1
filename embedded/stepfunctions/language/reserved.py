"""Names of fields and errors that stand for something, or that are refused with what to use instead."""

import re

_ORDERS = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
_COMPARISONS = (
    *(
        f"{kind}{order}{path}"
        for kind, orders in (
            ("String", _ORDERS),
            ("Numeric", _ORDERS),
            ("Timestamp", _ORDERS),
            ("Boolean", ("Equals",)),
        )
        for order in orders
        for path in ("", "Path")
    ),
    *("StringMatches", "IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp"),
)

JSONPATH_ONLY: dict[str, str] = {
    "InputPath": "use '$states.input' in 'Arguments' or 'Output'",
    "Parameters": "use 'Arguments', 'Output' (Pass) or 'ItemSelector' (Map)",
    "Result": "use 'Output'",
    "ResultSelector": "use '$states.result' in 'Output'",
    "ResultPath": "use 'Output' or 'Assign'",
    "OutputPath": "use 'Output'",
    "ItemsPath": "use 'Items'",
    "MaxConcurrencyPath": "use an expression in 'MaxConcurrency'",
    "TimeoutSecondsPath": "use an expression in 'TimeoutSeconds'",
    "HeartbeatSecondsPath": "use an expression in 'HeartbeatSeconds'",
    "SecondsPath": "use an expression in 'Seconds'",
    "TimestampPath": "use an expression in 'Timestamp'",
    "ErrorPath": "use an expression in 'Error'",
    "CausePath": "use an expression in 'Cause'",
    "ToleratedFailurePercentagePath": "use an expression in 'ToleratedFailurePercentage'",
    "ToleratedFailureCountPath": "use an expression in 'ToleratedFailureCount'",
    "MaxItemsPath": "use an expression in 'MaxItems'",
    "MaxItemsPerBatchPath": "use an expression in 'MaxItemsPerBatch'",
    "MaxInputBytesPerBatchPath": "use an expression in 'MaxInputBytesPerBatch'",
    "RoleArn.$": "use an expression in 'RoleArn'",
    "Variable": "use 'Condition'",
    **dict.fromkeys(("And", "Or", "Not", *_COMPARISONS), "use 'Condition'"),
}
"""Fields of JSONPath states: they are refused, with what takes their place."""

DEPRECATED: dict[str, str] = {"Iterator": "use 'ItemProcessor'"}
"""What AWS still takes from older definitions; it is refused here."""

_ERRORS = frozenset(
    f"States.{name}"
    for name in (
        "ALL",
        "BranchFailed",
        "DataLimitExceeded",
        "ExceedToleratedFailureThreshold",
        "HeartbeatTimeout",
        "Http.Socket",
        "IntrinsicFailure",
        "ItemReaderFailed",
        "NoChoiceMatched",
        "ParameterPathFailure",
        "Permissions",
        "QueryEvaluationError",
        "ResultPathMatchFailure",
        "ResultWriterFailed",
        "Runtime",
        "TaskFailed",
        "Timeout",
    )
)
_HTTP_STATUS = re.compile(r"States\.Http\.StatusCode\.[1-5]\d\d", re.ASCII)


def is_reserved(name: str) -> bool:
    """Whether Step Functions itself reports an error of this name.

    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html, and for the
    status codes of HTTP Tasks https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
    """
    return name in _ERRORS or _HTTP_STATUS.fullmatch(name) is not None
