"""What Task states call in the running cloud: one module for each service that is integrated, and the SDK."""
