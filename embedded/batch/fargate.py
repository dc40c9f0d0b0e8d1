"""Which pairs of vCPU and memory Fargate has.

Source: https://docs.aws.amazon.com/batch/latest/APIReference/API_ResourceRequirement.html
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from embedded.api_error import ApiError


def _steps(first: int, last: int, step: int) -> tuple[int, ...]:
    return tuple(range(first, last + 1, step))


MEMORY: Mapping[Decimal, tuple[int, ...]] = {
    Decimal("0.25"): (512, 1024, 2048),
    Decimal("0.5"): _steps(1024, 4096, 1024),
    Decimal(1): _steps(2048, 8192, 1024),
    Decimal(2): _steps(4096, 16384, 1024),
    Decimal(4): _steps(8192, 30720, 1024),
    Decimal(8): _steps(16384, 61440, 4096),
    Decimal(16): _steps(32768, 122880, 8192),
}


def check_fargate(vcpu: str, memory: str) -> None:
    """Raise ClientException unless Fargate runs tasks of this size (memory in MiB)."""
    allowed = MEMORY.get(_number("VCPU", vcpu))
    if allowed is None:
        sizes = ", ".join(str(size) for size in MEMORY)
        raise ApiError("ClientException", f"VCPU {vcpu} is not a size of Fargate; choose one of {sizes}")
    if _number("MEMORY", memory) not in allowed:
        sizes = ", ".join(str(size) for size in allowed)
        raise ApiError(
            "ClientException", f"MEMORY {memory} does not go with VCPU {vcpu} on Fargate; choose {sizes}"
        )


def _number(name: str, text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ApiError("ClientException", f"{name} {text!r} is not a number") from None
