"""AWS Batch whose jobs run as processes."""
