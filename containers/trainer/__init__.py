"""The trainer: runs one step of a run, or scores its models, inside the project's environment image."""
