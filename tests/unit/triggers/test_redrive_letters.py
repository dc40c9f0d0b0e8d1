"""Dead letters are sent on to where they were to go."""

import json

import pytest

from sluiceway.errors import ServiceUnavailable
from sluiceway.triggers.redrive_letters import LetterQueue, list_letters, redrive_letters
from tests.fakes.dead_letters import MemoryDeadLetters, MemoryTargets, letter

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:fail-run"


def queue(*letters, moves: bool = False) -> LetterQueue:
    return LetterQueue("triggers", MemoryDeadLetters(*letters), moves)


def test_a_letter_is_delivered_and_then_removed() -> None:
    """Under a name that follows from the letter: an execution is started once."""
    box, targets = queue(letter(body='{"a": 1}', TARGET_ARN=FUNCTION)), MemoryTargets()
    (sent,) = redrive_letters(box, targets)
    assert (sent.kept, targets.delivered) == (None, [(FUNCTION, '{"a": 1}', "redrive-m1")])
    assert list_letters(box) == []


def test_a_letter_whose_delivery_has_no_answer_stays() -> None:
    """It is delivered again under the same name the next time, and takes effect once."""
    box, targets = queue(letter(TARGET_ARN=FUNCTION)), MemoryTargets()
    targets.lose_answers = 1
    with pytest.raises(ServiceUnavailable):
        redrive_letters(box, targets)
    box.letters.hidden.clear()  # two minutes later
    redrive_letters(box, targets)
    assert len({name for _, _, name in targets.delivered}) == 1
    assert list_letters(box) == []


def test_what_nobody_knows_is_kept_and_the_others_go_on() -> None:
    """With the reason, and in sight of whoever looks next."""
    box, targets = queue(letter("m1", "???"), letter("m2", TARGET_ARN=FUNCTION)), MemoryTargets()
    kept, sent = redrive_letters(box, targets)
    assert (sent.kept, "without a name" in (kept.kept or "")) == (None, True)
    assert [each.message_id for each in list_letters(box)] == ["m1"]


def test_messages_of_a_queue_are_moved_by_sqs_itself() -> None:
    """They never leave AWS."""
    box, targets = queue(letter("m1"), letter("m2"), moves=True), MemoryTargets()
    assert [each.letter.message_id for each in redrive_letters(box, targets)] == ["m1", "m2"]
    assert (box.letters.moved, targets.delivered) == (["m1", "m2"], [])


def test_an_empty_queue_is_left_alone() -> None:
    """No task is started that moves nothing."""
    box = queue(moves=True)
    assert redrive_letters(box, MemoryTargets()) == []
    assert box.letters.moved == []


def test_listing_changes_nothing() -> None:
    """What was looked at is in sight of others at once."""
    box = queue(letter(body=json.dumps({"project": "flights"})))
    assert [each.about for each in list_letters(box)] == ["flights"]
    assert [each.about for each in list_letters(box)] == ["flights"]
