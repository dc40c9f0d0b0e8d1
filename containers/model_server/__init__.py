"""The model server: an MLflow model behind `/ping`, `/invocations` and `/metrics`."""
