"""One export of CloudWatch metrics."""

from cdk_app.machines.spec import Functions, MachineSpec, only


def export_metrics(functions: Functions) -> MachineSpec:
    """Only calls functions."""
    return MachineSpec(
        name="export_metrics", calls=only(functions, "PlanExport", "ExportShard", "FinishExport")
    )
