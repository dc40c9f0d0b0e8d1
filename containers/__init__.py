"""What runs in a project's environment image: the trainer and the model server, side by side."""
