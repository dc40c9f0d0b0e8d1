"""`sluice data`: what versions there are, what differs, and their files."""

import json

import pytest
from typer.testing import CliRunner

from sluiceway.cli.main import app
from sluiceway.gateways import objects as gateway
from tests.fakes.samples import event_record
from tests.fakes.world import World


@pytest.fixture
def world(fake, monkeypatch) -> World:
    """Uploads, settled into the ledger and the buckets that the commands see."""
    world = World()
    world.ledger = fake.ledger
    monkeypatch.setattr(gateway, "S3Objects", lambda _client: world.objects)
    return world


@pytest.fixture
def sluice():
    """Run the command; returns exit code, output and errors."""
    return lambda *arguments: CliRunner().invoke(app, ["data", *arguments])


@pytest.fixture
def versions(world) -> list[str]:
    """A, B, and A again."""
    for bodies in ({"a": b"1", "b": b"2"}, {"a": b"1!", "c": b"3"}, {"a": b"1", "b": b"2"}):
        for path in "abc":
            key = f"data/flights/{path}"
            world.collect(world.upload(key, bodies[path]) if path in bodies else world.delete(key))
        world.settle_all()
    return [each.version for each in world.ledger.dataset_log("flights")]


def test_the_log_has_every_version_and_what_led_to_it(sluice, versions):
    """A dataset that went A, B, A has three entries, newest first, each against the one before."""
    rows = json.loads(sluice("log", "flights", "--json").stdout)
    assert [row["version"] for row in rows] == versions
    assert versions[0] == versions[2] != versions[1]
    assert [(row["added"], row["changed"], row["removed"]) for row in rows] == [
        (1, 1, 1),
        (1, 1, 1),
        (2, 0, 0),
    ]
    assert rows[0]["upload"] == "ObjectCreated data/flights/b"
    shown = sluice("log", "flights").stdout
    assert (shown.count(versions[0][:12]), shown.count("+1 ~1 -1")) == (2, 2)
    assert len(json.loads(sluice("log", "flights", "-n", "1", "--json").stdout)) == 1


def test_a_diff_names_each_file(sluice, versions):
    """From the first to the second; equal versions differ in nothing."""
    args = ("diff", f"flights@{versions[1][:8]}", "flights")
    rows = json.loads(sluice(*args, "--json").stdout)
    assert [(row["change"], row["path"]) for row in rows] == [
        ("changed", "a"),
        ("added", "b"),
        ("removed", "c"),
    ]
    assert (rows[0]["before"], rows[0]["after"]) == (2, 1)
    assert "~" in sluice(*args).stdout
    same = sluice("diff", "flights", f"flights@{versions[0]}")
    assert (same.exit_code, same.stdout, same.stderr.strip()) == (0, "", "the same files")


def test_a_pull_fetches_a_version_and_goes_on(sluice, versions, tmp_path):
    """The pinned bytes, whatever came since; a second pull finds them there."""
    target = str(tmp_path / "f")
    told = json.loads(sluice("pull", f"flights@{versions[1][:10]}", target, "--json").stdout)
    assert (told["files"], told["fetched"], told["version"]) == (2, 2, versions[1])
    assert {p.name: p.read_bytes() for p in (tmp_path / "f").iterdir()} == {"a": b"1!", "c": b"3"}
    again = sluice("pull", "flights", target)
    assert "2 files" in again.stdout
    assert "1 other files lie in" in again.stderr


def test_a_pull_into_a_file_is_refused_in_one_line(sluice, versions, tmp_path):
    """As into a folder that may not be written, or on a full disk: none of them is a mistake of ours."""
    (tmp_path / "f").write_text("mine")
    result = sluice("pull", "flights", str(tmp_path / "f"))
    assert (result.exit_code, (tmp_path / "f").read_text()) == (1, "mine")
    assert "Not a directory: " in result.stderr


@pytest.mark.parametrize(
    ("word", "code", "message"),
    [
        ("flihgts", 1, "did you mean flights?"),
        ("flights@0123456789ab", 1, "no version of the dataset flights that starts with"),
        ("flights@../x", 2, "is no version"),
        ("Flights!", 1, "is not valid"),
        ("flights@", 2, "is no version"),
    ],
)
def test_what_means_no_version_is_refused(sluice, versions, tmp_path, word, code, message):
    """With what there is; nothing is written."""
    result = sluice("pull", word, str(tmp_path / "f"))
    assert result.exit_code == code
    assert message in result.stderr
    assert not (tmp_path / "f").exists()


def test_digits_that_mean_two_versions_are_refused(sluice, world, versions):
    """With the digits that tell them apart."""
    first, second = set(versions)
    pointer = world.ledger.dataset("flights", first)
    clash = pointer.model_copy(update={"version": first[:6] + "0" * 58})
    world.ledger._table.put(
        {"pk": "DATASET#flights", "sk": f"VERSION#{clash.version}"}
        | clash.model_dump(mode="json", exclude_none=True)
    )
    assert f"start with {first[:6]}" in sluice("diff", f"flights@{first[:6]}", f"flights@{second}").stderr


def test_names_that_move_the_cursor_are_shown_as_text(sluice, world):
    """A key of S3 may hold any character; a terminal obeys some of them."""
    world.ledger.record_event(event_record(event_id="x"))
    for path in ("a\x1b[2Jb", "c\nd"):
        world.collect(world.push_data(b"1", path))
        world.settle_all()
    shown = sluice("log", "flights").stdout
    assert "\x1b" not in shown
    assert "a\\x1b[2Jb" in shown


def test_the_list_is_that_of_datasets(sluice, versions):
    """`sluice datasets` shows the same."""
    assert json.loads(sluice("list", "--json").stdout)[0]["version"] == versions[0]
    assert CliRunner().invoke(app, ["datasets", "--json"]).stdout == sluice("list", "--json").stdout
