"""Blue/green deployments: a whole new fleet beside the old one takes over its traffic in one step or several.

Until the last baking period is over the old fleet stays whole: taking a deployment back moves traffic only.
"""

from collections.abc import Callable

from embedded.sagemaker.baking import Oven, RollbackError
from embedded.sagemaker.containers import StartError
from embedded.sagemaker.fleet import Fleet
from embedded.sagemaker.policy import Policy, Step
from embedded.sagemaker.site import Site


def deploy(site: Site, policy: Policy) -> Fleet:
    """Bring the pending configuration into service; the old fleet, which gets no requests any more.

    Raises StartError or RollbackError when the old fleet serves on, and nothing of the new one is left.
    """
    green = _launch(site)
    site.traffic.join(green)
    site.watch(green)
    try:
        for index, step in _ahead(site, policy):
            _activate(site, green, step)
            site.note(step=index)
            _bake(site, Oven(site, policy), step)
    except RollbackError as error:
        site.note(rollback=str(error))
        take_back(site)
        raise
    return site.take_over(green)


def take_back(site: Site) -> None:
    """Give all traffic to the old fleet, and end the new one."""
    green = site.traffic.leave()
    site.note(phases=site.phases("Deleting", _terminating(site), list(green.variants)))
    site.end(green)


def _ahead(site: Site, policy: Policy) -> list[tuple[int, Step]]:
    """The steps that are not done, with their numbers; several that turn on everything are one."""
    counts = [each.instances for each in site.pending.variants if each.serverless is None]
    partial = [
        step for step in policy.steps[:-1] if any(step.share(count) < 1 for count in counts) or not counts
    ]
    steps = list(enumerate([*partial, policy.steps[-1]]))
    return steps[min(site.pending.step, len(steps) - 1) :]


def _launch(site: Site) -> Fleet:
    """The new fleet, healthy. A restart or a second try launches it anew."""
    pending = site.pending
    names = [each.name for each in pending.variants]
    counts = {each.name: each.instances for each in pending.variants}
    site.note(phases=site.phases("Creating", lambda name: f"Launching {counts[name]} instance(s).", names))
    variants = site.launcher.pinned(pending.variants)
    fleet = site.launcher.launch(site.name, pending.config, variants, pending.options)
    try:
        site.note(variants=variants)
    except LookupError as error:  # The endpoint is gone.
        site.launcher.stop(fleet.all())
        raise StartError(str(error)) from error
    return fleet


def _activate(site: Site, green: Fleet, step: Step) -> None:
    counts = {name: each.instances for name, each in green.variants.items()}
    say = _words(f"Activating traffic on {step.capacity} of", counts, step)
    site.note(phases=site.phases("ActivatingTraffic", say, list(counts)))
    green.capacity = {name: step.active(count) for name, count in counts.items()}
    site.traffic.shift({name: step.share(count) for name, count in counts.items()})


def _bake(site: Site, oven: Oven, step: Step) -> None:
    if step.wait:
        counts = {each.name: each.instances for each in site.pending.variants}
        start = (
            f"Baking for {step.wait} seconds ({step.parameter}) with traffic enabled on {step.capacity} of"
        )
        site.note(phases=site.phases("Baking", _words(start, counts, step), list(counts)))
    oven.bake(step.wait)


def _words(start: str, counts: dict[str, int], step: Step) -> Callable[[str], str]:
    return lambda name: f"{start} {step.active(counts[name])} instance(s)."


def _terminating(site: Site) -> Callable[[str], str]:
    counts = {each.name: each.instances for each in site.pending.variants}
    return lambda name: f"Terminating {counts.get(name, 0)} instance(s)."
