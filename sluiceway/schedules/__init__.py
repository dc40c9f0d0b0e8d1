"""Schedules of projects in EventBridge Scheduler: made, changed and removed with the code that wants them."""
