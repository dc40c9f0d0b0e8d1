"""What is held against a definition: one module for each kind of rule."""
