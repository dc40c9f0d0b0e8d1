"""What each Lambda function is and may do: one module for each slice."""
