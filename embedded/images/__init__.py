"""Process images: where no Docker engine exists, an image is a folder with a virtual environment."""
