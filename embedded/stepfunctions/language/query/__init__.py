"""JSONata as Step Functions evaluates it: jsonata-python, mended, with what AWS adds and takes away."""
