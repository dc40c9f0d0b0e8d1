"""How a project's environment image is made: its own environment, the platform's few packages beside it."""
