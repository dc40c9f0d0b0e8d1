"""Which column of a request is which column of the signature; worked out once for each order of names."""

from dataclasses import dataclass, field

from containers.model_server.columns import Column, expected
from containers.model_server.refusal import bad_request

_REMEMBERED = 256


@dataclass
class Layout:
    """The signature's columns, in order; finds them in whatever order a request has them."""

    columns: tuple[Column, ...]
    _known: dict[tuple[str, ...], tuple[int | None, ...]] = field(default_factory=dict)

    def positions(self, names: tuple[str, ...]) -> tuple[int | None, ...]:
        """For each column of the signature its position in `names`; None for one that is absent."""
        found = self._known.get(names)
        if found is None:
            found = self._find(names)
            if len(self._known) < _REMEMBERED:
                self._known[names] = found
        return found

    def _find(self, names: tuple[str, ...]) -> tuple[int | None, ...]:
        if not all(type(name) is str for name in names):
            raise bad_request("column names must be strings")
        if len(set(names)) != len(names):
            raise bad_request(f"a column is named twice: {', '.join(names)}")
        at = {name: position for position, name in enumerate(names)}
        self._refuse_unknown(names)
        for column in self.columns:
            if column.required and column.name not in at:
                raise bad_request(
                    f"column {column.name!r} is missing: expected {expected(column)}; "
                    f"the model takes {self.names()}"
                )
        return tuple(at.get(column.name) for column in self.columns)

    def _refuse_unknown(self, names: tuple[str, ...]) -> None:
        known = {column.name for column in self.columns}
        if unknown := [name for name in names if name not in known]:
            raise bad_request(
                f"column {unknown[0]!r} is not in the signature; the model takes {self.names()}"
            )

    def names(self) -> str:
        """The signature's columns and types, for a person."""
        shown = [f"{column.name} ({column.type})" for column in self.columns[:50]]
        return ", ".join(shown) + (", …" if len(self.columns) > 50 else "")
