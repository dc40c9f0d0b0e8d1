"""Application Auto Scaling, the part that scales variants of SageMaker's endpoints."""
