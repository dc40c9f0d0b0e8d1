"""Every field of the language that AWS documents, as data: where it may stand and what it may hold.

From https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html, the pages of the states
under it, and https://states-language.net. The documentation's conformance table is made from this module.
"""

from dataclasses import dataclass

LONGEST_SECONDS = 99_999_999
LONGEST_DELAY = 31_622_399
LARGEST_BATCH = 262_144


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of a state or of a part of one."""

    name: str
    kind: str
    """What it holds: a key of `kinds.KINDS`, or `part` or `parts`."""
    about: str
    required: bool = False
    expression: bool = False
    """Whether `{% … %}` may stand for the value."""
    least: float | None = None
    most: float | None = None
    one_of: tuple[str, ...] = ()
    of: str = ""
    """For `part` and `parts`: the group in GROUPS that describes them."""
    distributed: bool = False
    """Only for a Map whose ProcessorConfig has the mode DISTRIBUTED."""


def _f(name: str, kind: str, about: str, **more: object) -> Field:
    return Field(name=name, kind=kind, about=about, **more)  # type: ignore[arg-type]  # the fields' own types


_STATE = (
    _f("Type", "text", "What kind of state it is.", required=True),
    _f("Comment", "text", "For readers."),
    _f(
        "QueryLanguage",
        "text",
        "JSONata; JSONPath is refused.",
        one_of=("JSONPath", "JSONata"),
    ),
)
_MOVING = (
    _f("Next", "text", "The state that follows."),
    _f("End", "boolean", "Whether the machine ends here."),
)
_OUTPUT = _f("Output", "template", "What the state hands on; by default its result, or its input.")
_ASSIGN = _f("Assign", "assign", "Variables that later states see.")
_ARGUMENTS = _f("Arguments", "template", "What is handed to what the state calls; by default its input.")
_FAILING = (
    _f("Retry", "parts", "When to try again.", of="retrier"),
    _f("Catch", "parts", "Where to go after an error.", of="catcher"),
)
_SECONDS = {"least": 1, "most": LONGEST_SECONDS}

GROUPS: dict[str, tuple[Field, ...]] = {
    "machine": (
        _f("Comment", "text", "For readers."),
        _f("States", "states", "The states by their names.", required=True),
        _f("StartAt", "text", "The first state.", required=True),
        _f("Version", "text", "Of the language: 1.0.", one_of=("1.0",)),
        _f(
            "TimeoutSeconds",
            "integer",
            "How long an execution may run.",
            **_SECONDS,
        ),
        _f("QueryLanguage", "text", "JSONata; JSONPath is refused.", one_of=("JSONPath", "JSONata")),
    ),
    "branch": (
        _f("Comment", "text", "For readers."),
        _f("States", "states", "The states of the branch.", required=True),
        _f("StartAt", "text", "The first state of the branch.", required=True),
    ),
    "processor": (
        _f("Comment", "text", "For readers."),
        _f("States", "states", "The states for each item.", required=True),
        _f("StartAt", "text", "The first state for each item.", required=True),
        _f("ProcessorConfig", "part", "How the items are processed.", of="processor config"),
    ),
    "processor config": (
        _f(
            "Mode",
            "text",
            "In the execution itself or in ones of their own.",
            one_of=("INLINE", "DISTRIBUTED"),
        ),
        _f("ExecutionType", "text", "Of the child executions.", one_of=("STANDARD", "EXPRESS")),
    ),
    "Pass": (*_STATE, *_MOVING, _OUTPUT, _ASSIGN),
    "Task": (
        *_STATE,
        *_MOVING,
        _f("Resource", "resource", "What is called, and how it is waited for.", required=True),
        _ARGUMENTS,
        _f("Credentials", "part", "The role of the call, in place of the machine's.", of="credentials"),
        _f("TimeoutSeconds", "integer", "How long the task may take.", expression=True, **_SECONDS),
        _f("HeartbeatSeconds", "integer", "Longest time between heartbeats.", expression=True, **_SECONDS),
        *_FAILING,
        _OUTPUT,
        _ASSIGN,
    ),
    "Choice": (
        *_STATE,
        _f(
            "Choices",
            "parts",
            "The rules, of which the first that holds is followed.",
            required=True,
            of="rule",
        ),
        _f("Default", "text", "The state that follows where no rule holds."),
        _OUTPUT,
        _ASSIGN,
    ),
    "Wait": (
        *_STATE,
        *_MOVING,
        _f("Seconds", "integer", "How long to wait.", expression=True, least=0, most=LONGEST_SECONDS),
        _f("Timestamp", "timestamp", "Until when to wait.", expression=True),
        _OUTPUT,
        _ASSIGN,
    ),
    "Succeed": (*_STATE, _OUTPUT),
    "Fail": (
        *_STATE,
        _f("Error", "text", "The error's name.", expression=True),
        _f("Cause", "text", "What happened, for readers.", expression=True),
    ),
    "Parallel": (
        *_STATE,
        *_MOVING,
        _f("Branches", "parts", "What runs at the same time.", required=True, of="branch"),
        _ARGUMENTS,
        *_FAILING,
        _OUTPUT,
        _ASSIGN,
    ),
    "Map": (
        *_STATE,
        *_MOVING,
        _f("Items", "items", "The items; by default the state's input.", expression=True),
        _f("ItemSelector", "template", "The input of each item's states."),
        _f("ItemProcessor", "part", "What is done with each item.", required=True, of="processor"),
        _f("MaxConcurrency", "integer", "How many items at a time; 0: all.", expression=True, least=0),
        _f(
            "ItemReader",
            "part",
            "The file or listing in S3 with the items.",
            of="item reader",
            distributed=True,
        ),
        _f("ItemBatcher", "part", "How many items one execution gets.", of="item batcher", distributed=True),
        _f("ResultWriter", "part", "Where the results are written.", of="result writer", distributed=True),
        _f("Label", "label", "Part of the names of the child executions.", distributed=True),
        _f(
            "ToleratedFailurePercentage",
            "number",
            "Share of the items that may fail.",
            expression=True,
            distributed=True,
            least=0,
            most=100,
        ),
        _f(
            "ToleratedFailureCount",
            "integer",
            "Number of items that may fail.",
            expression=True,
            distributed=True,
            least=0,
        ),
        *_FAILING,
        _OUTPUT,
        _ASSIGN,
    ),
    "retrier": (
        _f("ErrorEquals", "errors", "The errors that are tried again.", required=True),
        _f("IntervalSeconds", "integer", "Seconds before the first retry (1).", **_SECONDS),
        _f("MaxAttempts", "integer", "How many retries (3).", least=0, most=LONGEST_SECONDS),
        _f("BackoffRate", "number", "What each interval is multiplied by (2.0).", least=1.0),
        _f("MaxDelaySeconds", "integer", "The longest interval.", least=1, most=LONGEST_DELAY),
        _f("JitterStrategy", "text", "Whether intervals are drawn by lot.", one_of=("FULL", "NONE")),
        _f("Comment", "text", "For readers."),
    ),
    "catcher": (
        _f("ErrorEquals", "errors", "The errors that are caught.", required=True),
        _f("Next", "text", "The state that follows.", required=True),
        _OUTPUT,
        _ASSIGN,
        _f("Comment", "text", "For readers."),
    ),
    "rule": (
        _f("Condition", "boolean", "When the rule holds.", required=True, expression=True),
        _f("Next", "text", "The state that follows.", required=True),
        _OUTPUT,
        _ASSIGN,
        _f("Comment", "text", "For readers."),
    ),
    "credentials": (_f("RoleArn", "role", "The role to take on.", required=True, expression=True),),
    "item reader": (
        _f(
            "Resource",
            "text",
            "How S3 is read.",
            required=True,
            one_of=("arn:aws:states:::s3:getObject", "arn:aws:states:::s3:listObjectsV2"),
        ),
        _f("Arguments", "template", "Bucket, Key, VersionId or Prefix, ExpectedBucketOwner.", required=True),
        _f("ReaderConfig", "part", "What kind of file it is.", of="reader config"),
    ),
    "reader config": (
        _f("InputType", "text", "Of the file.", one_of=("CSV", "JSON", "JSONL", "PARQUET", "MANIFEST")),
        _f(
            "Transformation",
            "text",
            "For listings: the objects, or what is in them.",
            one_of=("NONE", "LOAD_AND_FLATTEN"),
        ),
        _f("ManifestType", "text", "Of a manifest.", one_of=("ATHENA_DATA", "S3_INVENTORY")),
        _f(
            "CSVDelimiter",
            "text",
            "Between the columns.",
            one_of=("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"),
        ),
        _f("CSVHeaderLocation", "text", "Where the columns' names are.", one_of=("FIRST_ROW", "GIVEN")),
        _f("CSVHeaders", "texts", "The columns' names."),
        _f("MaxItems", "integer", "How many items are read.", expression=True, least=1, most=100_000_000),
        _f("ItemsPointer", "text", "JSON pointer to the items of a JSON file."),
    ),
    "item batcher": (
        _f("MaxItemsPerBatch", "integer", "Items for one execution.", expression=True, least=1),
        _f(
            "MaxInputBytesPerBatch",
            "integer",
            "Bytes for one execution.",
            expression=True,
            least=1,
            most=LARGEST_BATCH,
        ),
        _f("BatchInput", "template", "What each execution gets besides its items."),
    ),
    "result writer": (
        _f("Resource", "text", "How S3 is written.", one_of=("arn:aws:states:::s3:putObject",)),
        _f("Arguments", "template", "Bucket and Prefix."),
        _f("WriterConfig", "part", "What the results look like.", of="writer config"),
    ),
    "writer config": (
        _f(
            "Transformation", "text", "What is written of each result.", one_of=("NONE", "COMPACT", "FLATTEN")
        ),
        _f("OutputType", "text", "JSON or JSON Lines.", one_of=("JSON", "JSONL")),
    ),
}
STATE_TYPES = ("Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map")
CONTAINERS = ("machine", "branch", "processor")
