"""The Amazon States Language with JSONata, as Standard workflows speak it."""
