"""New weights and capacities of an endpoint that keeps its configuration."""

from collections.abc import Mapping, Sequence

from embedded.sagemaker.containers import StartError, processes
from embedded.sagemaker.fleet import Fleet
from embedded.sagemaker.records import Phase, Variant
from embedded.sagemaker.site import Site


def resize(site: Site, before: Sequence[Variant]) -> None:
    """Bring weights and capacities to what the record says, or back to `before` when that cannot be."""
    wanted = site.record.variants
    site.note_phases(_phases(site, before, wanted))
    try:
        _converge(site, wanted)
    except StartError as error:
        site.change(status="RollingBack", reason=str(error))
        _converge(site, before)
        site.change(status="InService", variants=tuple(before), phases={})
    else:
        site.change(status="InService", phases={})


def _phases(site: Site, before: Sequence[Variant], wanted: Sequence[Variant]) -> Mapping[str, Phase]:
    counts = {each.name: each.instances for each in before}
    changed = {each.name: each.instances for each in wanted if counts.get(each.name) != each.instances}
    now = site.clock.now()
    return {
        name: Phase(
            status="Updating",
            message=f"Scaling {'out' if count > counts.get(name, 0) else 'in'} desired instance count to "
            f"{count}.",
            started=now,
        )
        for name, count in changed.items()
    }


def _converge(site: Site, variants: Sequence[Variant]) -> None:
    fleet = site.traffic.fleet
    for variant in variants:
        if variant.serverless is None:
            _have(site, fleet, variant)
    fleet.use(variants)
    for pool in fleet.pools.values():
        pool.warm()


def _have(site: Site, fleet: Fleet, variant: Variant) -> None:
    there = len(fleet.instances.setdefault(variant.name, []))
    wanted = processes(variant.instances)
    if wanted > there:
        started = site.launcher.start(site.name, variant, wanted - there)
        for instance in started:
            site.traffic.add(instance, fleet)
        site.watch(fleet, started)
    fleet.capacity[variant.name] = variant.instances
    site.retire(fleet, variant.name, there - wanted)
