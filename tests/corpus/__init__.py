"""Bad input, made here or kept here: for tests, and as what fuzzing starts from."""
