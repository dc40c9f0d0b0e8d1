"""CloudWatch: series, metric math, and how an alarm gets its state."""
