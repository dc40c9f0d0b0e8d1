"""Event source mappings: batches from queues and table streams to functions."""
