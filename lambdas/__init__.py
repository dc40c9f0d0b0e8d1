"""Lambda handlers: decorate, parse, call one use case, dump."""
