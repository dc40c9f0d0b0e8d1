"""What runs inside an environment image: the trainer and the model server."""
