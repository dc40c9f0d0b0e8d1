"""The error tree. The class says whether to try again; the message what was wrong, where, and what to do.

SluicewayError
├── TransientError            retry with jitter and a cap: the same call may succeed later
│   ├── ServiceUnavailable    an outside system did not answer, or throttled
│   └── LostRace              another writer moved first; read again and decide again
└── PermanentError            never retried: the same call fails again until somebody changes something
    ├── InvalidUpload         an archive or a data file that cannot be accepted
    ├── InvalidProject        MLproject or sluice.yaml is missing or wrong
    ├── InvalidDataset        a dataset version that cannot be used
    ├── StepFailed            an entry point of the project ended badly
    ├── BuildFailed           the environment image could not be built
    ├── InvalidModel          a model that cannot be registered, loaded or compared
    ├── DeploymentFailed      an endpoint that did not come up or did not answer rightly
    └── NotFound              a run, dataset, model or endpoint that does not exist

The class names are part of the contract: state machines match them in `ErrorEquals`.
"""


class SluicewayError(Exception):
    """Base of every error that this package raises on purpose."""


class TransientError(SluicewayError):
    """May succeed when tried again."""


class ServiceUnavailable(TransientError):
    """An outside system did not answer, or asked to slow down."""


class LostRace(TransientError):
    """A conditional write found that another writer had moved first."""


class PermanentError(SluicewayError):
    """Fails again until somebody changes something."""


class InvalidUpload(PermanentError):
    """An uploaded archive or file that cannot be accepted."""


class InvalidProject(PermanentError):
    """`MLproject` or `sluice.yaml` is missing or wrong."""


class InvalidDataset(PermanentError):
    """A dataset version that cannot be used."""


class StepFailed(PermanentError):
    """An entry point of the project ended badly."""


class BuildFailed(PermanentError):
    """The environment image could not be built."""


class InvalidModel(PermanentError):
    """A model that cannot be registered, loaded or compared."""


class DeploymentFailed(PermanentError):
    """An endpoint that did not come up, or did not answer rightly."""


class NotFound(PermanentError):
    """A run, dataset, model or endpoint that does not exist."""
