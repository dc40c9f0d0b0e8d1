"""The main job on the embedded cloud, start to end: `python -m embedded.demo`. Only events drive it."""
