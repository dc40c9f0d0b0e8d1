"""AWS CodeBuild whose builds run as processes."""
