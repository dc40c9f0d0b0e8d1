"""The last lines of an entry point's output become one sentence that a person can act on."""

from containers.trainer.reasons import reason_of

TRACEBACK = (
    "loading",
    "Traceback (most recent call last):",
    '  File "train.py", line 39, in train',
    "    model.fit(rows)",
    '  File "/venv/lib/sklearn/base.py", line 12, in fit',
    "    raise ValueError(message)",
    "ValueError: Input X contains NaN.",
    "It needs an imputer.",
)


def test_the_exception_is_named_with_the_projects_own_line() -> None:
    """Frames of libraries tell the author less than the line that called them."""
    reason = reason_of("train", 1, TRACEBACK, stopped=False)
    assert (
        reason == "step 'train' ended with exit code 1: ValueError: Input X contains NaN. (train.py, line 39)"
    )


def test_without_a_traceback_the_last_line_speaks() -> None:
    """`sys.exit("…")` writes one line."""
    reason = reason_of("prepare", 1, ("DataError: data/flights/a.csv holds no rows",), stopped=False)
    assert reason.endswith("exit code 1: DataError: data/flights/a.csv holds no rows")


def test_a_killed_process_points_at_memory() -> None:
    """137 through a shell, or the signal itself."""
    assert "resources.memory" in reason_of("train", 137, (), stopped=False)
    assert "resources.memory" in reason_of("train", -9, (), stopped=False)


def test_a_stopped_step_says_so() -> None:
    """A timeout is not the project's exception."""
    assert "asked to stop" in reason_of("train", -15, TRACEBACK, stopped=True)
