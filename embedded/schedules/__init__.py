"""EventBridge Scheduler: when a schedule fires, what it sends, and how it is tried again."""
