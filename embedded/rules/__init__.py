"""EventBridge rules: what a target gets, and what becomes of what it does not take."""
