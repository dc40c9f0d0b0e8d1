"""A CSV of Athena's as a table: types, what is missing, and what makes two results equal."""

import io

import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from sluiceway.datasets.query_result import make_result
from sluiceway.gateways.queries import Column

TYPES = ["bigint", "varchar", "double", "boolean", "date", "timestamp", "decimal", "array"]
ROWS = b"""\
"7","a ""b"",\nc","NaN","true","2026-01-31","2026-01-31 10:20:30.456","1.250","[1, 2]"
,"","-Infinity",,,,,
"""
HEADER = b",".join(b'"c%d"' % at for at in range(len(TYPES))) + b"\n"


def test_every_type_is_what_athena_says() -> None:
    """NULL is nothing at all, an empty text is an empty text, what Parquet has no word for stays text."""
    columns = [Column(f"c{at}", kind, 18, 3) for at, kind in enumerate(TYPES)]
    body = make_result(HEADER + ROWS, columns, ordered=True).body
    table = pq.read_table(io.BytesIO(body))
    assert [str(field.type) for field in table.schema] == [
        "int64", "string", "double", "bool", "date32[day]", "timestamp[us]", "decimal128(18, 3)", "string",
    ]  # fmt: skip
    full, bare = (list(row.values()) for row in table.to_pylist())
    assert full[1] == 'a "b",\nc'
    assert bare == [None, "", float("-inf"), None, None, None, None, None]


_rows = st.lists(
    st.tuples(st.none() | st.integers(-(2**63), 2**63 - 1), st.none() | st.text("ab\",\n'é", max_size=4)),
    min_size=1,
    max_size=20,
)


def _csv(rows: list[tuple[int | None, str | None]]) -> bytes:
    def cell(value: object) -> str:
        return "" if value is None else '"' + str(value).replace('"', '""') + '"'

    return "\n".join(['"n","t"', *(",".join(map(cell, row)) for row in rows)]).encode() + b"\n"


@given(rows=_rows, data=st.data())
def test_rows_in_any_order_are_equal_bytes(
    rows: list[tuple[int | None, str | None]], data: st.DataObject
) -> None:
    """And each row is there, as often as it was."""
    columns = [Column("n", "bigint"), Column("t", "varchar")]
    shuffled = data.draw(st.permutations(rows))
    first, second = (make_result(_csv(each), columns, ordered=False) for each in (rows, shuffled))
    assert (first.body, first.fingerprint) == (second.body, second.fingerprint)
    found = [tuple(row.values()) for row in pq.read_table(io.BytesIO(first.body)).to_pylist()]
    assert sorted(map(repr, found)) == sorted(map(repr, rows))


def test_equal_text_under_other_types_is_other_data() -> None:
    """A column that becomes a number makes a new version."""
    prints = {make_result(b'"n"\n"1"\n', [Column("n", kind)], ordered=False).fingerprint for kind in
              ("bigint", "integer", "varchar")}  # fmt: skip
    assert len(prints) == 3
