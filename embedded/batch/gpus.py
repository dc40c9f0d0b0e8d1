"""What a job that asked for GPUs is told: those of this machine, as far as it has any.

ECS gives a container the GPUs that it was assigned by `NVIDIA_VISIBLE_DEVICES`:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-gpu.html. Here they are counted against the
compute environment, and shared on the machine: two jobs may be told of the same one.
"""

from pathlib import Path

from embedded.batch.model import Job

_DEVICES = Path("/dev")


def gpu_variables(job: Job, devices: Path = _DEVICES) -> dict[str, str]:
    """The variables of a job with GPUs; where this machine has none, they say so."""
    if not job.gpus:
        return {}
    found = sorted(path.name.removeprefix("nvidia") for path in devices.glob("nvidia[0-9]*"))
    visible = ",".join(found[: job.gpus])
    return {"NVIDIA_VISIBLE_DEVICES": visible or "void", "CUDA_VISIBLE_DEVICES": visible or "-1"}
