"""In-memory stand-ins for the gateways, one module for each."""
