"""Step Functions' API: state machines, their versions and aliases, executions, activities, task tokens."""
