"""Batches of SQS messages: one that fails is delivered again, and says in the log why."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, FailureResponse

from lambdas.runtime import logger


class LoggedBatchProcessor(BatchProcessor):
    """Powertools' processor, which would otherwise keep a message's error to itself."""

    def failure_handler(self, record: Any, exception: Any) -> FailureResponse:
        """Log the error, then report the message as failed."""
        logger.error("message failed", exc_info=exception, extra={"message_id": record.message_id})
        return super().failure_handler(record, exception)


def message_processor() -> LoggedBatchProcessor:
    """A processor for one function."""
    return LoggedBatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
