"""One hook on every call: the record of what was called, and the faults that a plan asks for."""
