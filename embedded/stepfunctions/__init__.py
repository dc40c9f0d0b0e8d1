"""Step Functions: an interpreter of the Amazon States Language with JSONata, Standard workflows."""
