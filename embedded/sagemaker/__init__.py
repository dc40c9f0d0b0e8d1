"""SageMaker hosting: models, endpoint configurations, endpoints, each variant a real process; invocations."""
