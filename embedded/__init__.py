"""The embedded cloud: the AWS services that Sluiceway uses, as processes on one machine."""
