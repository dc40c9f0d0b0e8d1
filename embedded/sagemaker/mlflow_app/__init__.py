"""The managed MLflow app: a record of the tracking server that runs beside the cloud."""
