"""`python -m containers run-step --plan S3URI --step NAME`: one entry point, as one Batch job."""

import argparse

from containers.trainer.attempt import Attempt, recorded
from containers.trainer.connections import connect_registry, connect_s3
from containers.trainer.step import run_step
from sluiceway.errors import NotFound
from sluiceway.gateways.objects import read_contract
from sluiceway.training.contracts import PlannedStep, RunPlan


def main(arguments: list[str]) -> int:
    """Run the step; 0 when its result stands, 1 when a failure was recorded."""
    parser = argparse.ArgumentParser(prog="run-step", description=__doc__)
    parser.add_argument("--plan", required=True, help="s3://…/plan.json")
    parser.add_argument("--step", required=True)
    options = parser.parse_args(arguments)
    objects = connect_s3()
    attempt = Attempt.of(options.plan, options.step)
    with recorded(objects, attempt) as ending:
        plan = read_contract(objects, options.plan, RunPlan)
        registry = connect_registry(plan.tracking_uri)
        step = planned_step(plan, options.step)
        run_step(plan, step, objects=objects, registry=registry, attempt=attempt.identity)
    return ending.exit_code


def planned_step(plan: RunPlan, name: str) -> PlannedStep:
    """The step of that name; raises `NotFound`."""
    for step in plan.steps:
        if step.name == name:
            return step
    known = ", ".join(step.name for step in plan.steps)
    raise NotFound(f"run {plan.run_id} has no step {name!r}; its steps are {known}")
