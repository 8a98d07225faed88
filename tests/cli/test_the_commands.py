"""The command line, as it is typed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.infra.test_the_embedded_server import processes, until

from forecourt.infra.embedded import hold

if TYPE_CHECKING:
    from collections.abc import Generator

COMMANDS = (
    ("serve",),
    ("demo",),
    ("migrate",),
    ("load",),
    ("openapi",),
    ("settings",),
    ("keys", "create"),
    ("keys", "list"),
    ("keys", "revoke"),
    ("dealerships", "create"),
    ("dealerships", "list"),
    ("users", "create"),
    ("users", "list"),
    ("users", "disable"),
    ("users", "reset-password"),
    ("users", "link"),
    ("contacts", "find"),
    ("contacts", "export"),
    ("contacts", "erase"),
    ("export", "leads"),
    ("export", "lead_clusters"),
    ("adf", "check"),
    ("requests", "list"),
    ("requests", "show"),
    ("replay",),
    ("database", "url"),
    ("webhooks", "list"),
    ("webhooks", "deliveries"),
    ("webhooks", "redeliver"),
    ("listen",),
    ("trigger",),
)

WORLD = {
    "dealerships": [
        {"id": 11, "slug": "test-dealer", "name": "Test Dealer", "timezone": "Australia/Melbourne"},
        {"id": 12, "slug": "other-dealer", "name": "Other", "timezone": "Australia/Perth"},
    ],
    "locations": [{"id": 12345, "dealership_id": 11, "name": "Yard"}],
    "websites": [{"id": 7, "dealership_id": 11, "slug": "example-website", "name": "Example"}],
    "users": [{"id": 5, "name": "User", "email": "test@example.com", "dealership_id": 11}],
    "cars": [{"id": 9, "dealership_id": 11, "stocknum": "3210"}],
    "models": [{"id": 21, "name": "Ranger", "dealership_id": 11}],
    "model_variants": [{"id": 31, "model_id": 21, "name": "XLT", "dealership_id": 11}],
    "colours": [{"id": 41, "name": "Red", "dealership_id": 11}],
    "pages": [{"id": 123, "dealership_id": 11, "website_id": 7}],
    "team_members": [{"id": 51, "dealership_id": 11, "name": "Sam"}],
}


def run(
    *words: str, data_dir: Path | None = None, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("FORECOURT_")}
    if data_dir is not None:
        variables["FORECOURT_DATA_DIR"] = str(data_dir)
    return subprocess.run(
        [sys.executable, "-m", "forecourt", *words],
        env=variables | environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def told(*words: str, data_dir: Path, stdin: str = "") -> Any:
    done = run(*words, "--json", data_dir=data_dir, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    folder = tmp_path_factory.mktemp("cli")
    # Held, so that not every command starts a server of its own.
    with hold(folder):
        yield folder


@pytest.fixture(scope="module")
def loaded(data_dir: Path) -> Path:
    file = data_dir / "world.json"
    file.write_text(json.dumps(WORLD))
    report = told("load", str(file), data_dir=data_dir)
    assert report["errors"] == []
    return data_dir


class _KeepsCookies(urllib.request.HTTPRedirectHandler):
    """A browser on this machine keeps Secure cookies; Python's jar does not, over plain HTTP."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        asked = super().redirect_request(req, fp, code, msg, headers, newurl)
        assert asked
        kept = [value.partition(";")[0] for value in headers.get_all("set-cookie")]
        asked.add_header("Cookie", "; ".join(kept))
        return asked


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_helps_with_examples(command: tuple[str, ...]) -> None:
    done = run(*command, "--help")

    assert done.returncode == 0
    assert "Examples" in done.stdout
    assert f"forecourt {' '.join(command)}" in done.stdout
    assert "--json" in done.stdout


def test_a_file_is_loaded_and_loading_it_again_changes_nothing(loaded: Path) -> None:
    again = told("load", str(loaded / "world.json"), data_dir=loaded)

    assert set(again["loaded"]) == set(WORLD)
    assert all(counts["created"] == counts["updated"] == 0 for counts in again["loaded"].values())


def test_rows_that_do_not_fit_are_told_one_by_one(loaded: Path) -> None:
    file = loaded / "bad.json"
    file.write_text(json.dumps({"cars": [{"stocknum": "A1", "dealership_slug": "nowhere"}]}))
    done = run("load", str(file), "--json", data_dir=loaded)

    assert done.returncode == 3
    [error] = json.loads(done.stdout)["errors"]
    assert (error["table"], error["row"]) == ("cars", 1)


def test_a_key_is_created_listed_without_its_token_and_revoked(loaded: Path) -> None:
    words = ("--dealership", "test-dealer", "12", "--permission", "read:lead", "--permission", "update:lead")
    key = told("keys", "create", "--name", "web", *words, "--expires", "90d", data_dir=loaded)
    assert key["token"].startswith("fc_live_")

    listed = run("keys", "list", "--json", data_dir=loaded)
    assert key["token"] not in listed.stdout
    [found] = [one for one in json.loads(listed.stdout) if one["id"] == key["id"]]
    assert found["dealerships"] == ["other-dealer", "test-dealer"]
    assert found["revoked_at"] is None

    assert told("keys", "revoke", str(key["id"]), data_dir=loaded) == {"id": key["id"], "revoked": True}
    [found] = [one for one in told("keys", "list", data_dir=loaded) if one["id"] == key["id"]]
    assert found["revoked_at"]


def test_a_dealership_is_created_and_listed(loaded: Path) -> None:
    words = (
        "--slug",
        "cairns",
        "--name",
        "Cairns Motors",
        "--timezone",
        "Australia/Brisbane",
        "--group",
        "north",
    )
    created = told("dealerships", "create", *words, data_dir=loaded)

    assert created in told("dealerships", "list", data_dir=loaded)
    assert created["group"] == "north"


def test_a_user_is_created_with_a_password_that_is_never_shown(loaded: Path) -> None:
    words = ("users", "create", "--email", "Mia@Example.com", "--name", "Mia Chen", "--role", "lead-manager")
    password = "three brown kettles"
    made = told(
        *words, "--dealership", "test-dealer", "--password-stdin", data_dir=loaded, stdin=f"{password}\n"
    )
    assert made | {"id": 0} == {
        "id": 0,
        "email": "mia@example.com",
        "name": "Mia Chen",
        "role": "lead_manager",
        "dealership": "test-dealer",
        "group": None,
        "link": None,
    }
    listed = run("users", "list", "--json", data_dir=loaded)
    [mia] = [one for one in json.loads(listed.stdout) if one["email"] == "mia@example.com"]
    assert (mia["has_password"], mia["roles"]) == (
        True,
        [{"dealership": "test-dealer", "role": "lead_manager"}],
    )
    assert "kettles" not in listed.stdout
    assert "argon2" not in listed.stdout

    # Another role may be added, another password not.
    second = run(
        *words, "--dealership", "12", "--password-stdin", data_dir=loaded, stdin="five green kettles"
    )
    assert (second.returncode, "reset-password" in second.stderr) == (1, True)
    assert told(*words, "--dealership", "12", data_dir=loaded)["link"] is None
    weak = run(
        *("users", "reset-password", "--email", "mia@example.com", "--password-stdin"),
        data_dir=loaded,
        stdin="password1",
    )
    assert (weak.returncode, weak.stdout) == (1, "")
    assert "password1" not in weak.stderr
    assert told("users", "reset-password", "--email", "mia@example.com", data_dir=loaded)["link"]
    assert told("users", "disable", "--email", "mia@example.com", data_dir=loaded)["disabled"] is True
    assert (
        told("users", "disable", "--email", "mia@example.com", "--enable", data_dir=loaded)["disabled"]
        is False
    )


def test_a_user_without_a_password_gets_a_link(loaded: Path) -> None:
    words = ("users", "create", "--email", "leo@example.com", "--name", "Leo", "--role", "owner")
    done = run(
        *words, "--dealership", "test-dealer", data_dir=loaded, FORECOURT_PUBLIC_URL="https://leads.example/"
    )
    [link] = done.stdout.splitlines()
    assert re.fullmatch(r"https://leads\.example/sign-in/[\w-]{43}", link)
    other = told("users", "link", "--email", "leo@example.com", data_dir=loaded)["link"]
    assert other.startswith("http://127.0.0.1:8000/sign-in/")
    assert other[-43:] != link[-43:]


def test_the_first_run_is_told_how_to_begin(tmp_path: Path) -> None:
    def served() -> str:
        server = subprocess.Popen(
            [sys.executable, "-m", "forecourt", "serve", "--port", "0", "--json"],
            env=os.environ | {"FORECOURT_DATA_DIR": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert server.stdout
        assert server.stderr
        address = json.loads(server.stdout.readline())["url"]
        said = ""
        if not users:
            said = server.stderr.readline()
            link = said.split()[-1]
            assert link.startswith(f"{address}/sign-in/")
            with urllib.request.urlopen(link) as page:
                assert b"Create the first account" in page.read()
        server.terminate()
        return said + server.communicate(timeout=20)[1]

    users: list[str] = []
    # Held, so that not every command starts a server of its own.
    held = hold(tmp_path)
    assert "within 30 minutes" in served()
    told("dealerships", "create", "--slug", "a", "--name", "A", data_dir=tmp_path)
    words = (
        "users",
        "create",
        "--email",
        "a@example.com",
        "--name",
        "A",
        "--role",
        "owner",
        "--dealership",
        "a",
    )
    users.append(told(*words, "--password-stdin", data_dir=tmp_path, stdin="three brown kettles")["email"])
    assert served() == ""
    held.close()


def test_the_address_of_the_database_is_one_line(data_dir: Path) -> None:
    done = run("database", "url", data_dir=data_dir)

    assert done.returncode == 0
    [line] = done.stdout.splitlines()
    assert line.startswith("postgresql://")


def test_the_document_and_the_settings_need_no_database(tmp_path: Path) -> None:
    document = json.loads(run("openapi", data_dir=tmp_path / "none").stdout)
    assert document["openapi"] == "3.1.0"

    done = run(
        *("settings", "--json"),
        data_dir=tmp_path / "none",
        FORECOURT_DATABASE_URL="postgresql://me:hunter2@db/forecourt",
        FORECOURT_OIDC_ISSUER="https://id.example",
        FORECOURT_OIDC_CLIENT_ID="forecourt",
        FORECOURT_OIDC_CLIENT_SECRET="hunter2",
    )
    found = {setting["name"]: setting for setting in json.loads(done.stdout)}
    assert found["database_url"]["value"] == "postgresql://me:***@db/forecourt"
    assert (found["database_url"]["origin"], found["port"]["origin"]) == ("environment", "default")
    assert "hunter2" not in done.stdout + done.stderr
    assert not (tmp_path / "none").exists()


def test_flags_count_before_the_environment_and_that_before_the_env_file(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("FORECOURT_PORT=1111\nFORECOURT_WORKERS=3\n")
    done = run("settings", "--json", FORECOURT_ENV_FILE=str(file), FORECOURT_PORT="2222")
    found = {setting["name"]: setting for setting in json.loads(done.stdout)}

    assert (found["port"]["value"], found["port"]["origin"]) == ("2222", "environment")
    assert (found["workers"]["value"], found["workers"]["origin"]) == ("3", str(file))


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("nonsense",), 2, "nonsense"),
        (("keys", "create", "--name", "x"), 2, "--dealership"),
        (
            ("keys", "create", "--name", "x", "--dealership", "test-dealer", "--permission", "fly"),
            2,
            "read:lead",
        ),
        (
            ("keys", "create", "--name", "x", "--dealership", "nobody", "--permission", "read:lead"),
            1,
            "nobody",
        ),
        (("keys", "revoke", "999999"), 1, "999999"),
        (
            ("users", "create", "--email", "a@b", "--name", "A", "--role", "boss", "--dealership", "x"),
            2,
            "owner",
        ),
        (("users", "create", "--email", "a@b", "--name", "A", "--role", "owner"), 2, "--dealership"),
        (
            ("users", "create", "--email", "a@b", "--name", "A", "--role", "owner", "--dealership", "nobody"),
            1,
            "nobody",
        ),
        (
            (
                "users",
                "create",
                "--email",
                "a",
                "--name",
                "A",
                "--role",
                "owner",
                "--dealership",
                "test-dealer",
            ),
            1,
            "e-mail",
        ),
        (("users", "disable", "--email", "nobody@example.com"), 1, "nobody@example.com"),
        (("users", "link", "--email", "nobody@example.com"), 1, "nobody@example.com"),
        (("keys", "revoke", "seven"), 2, "seven"),
        (("load", "/nowhere/file.json"), 1, "file.json"),
        (("dealerships", "create", "--slug", "A B", "--name", "x"), 1, "slug"),
        (("dealerships", "create", "--slug", "ab", "--name", "x", "--timezone", "Mars/One"), 1, "Mars/One"),
        (("dealerships", "create", "--slug", "test-dealer", "--name", "x"), 1, "test-dealer"),
        (("export", "leads"), 2, "--dealership"),
        (("export", "leads", "--dealership", "nobody"), 1, "nobody"),
        (("export", "leads", "--dealership", "test-dealer", "--filter", "category"), 2, "name=value"),
        (("export", "leads", "--dealership", "test-dealer", "--filter", "limit=3"), 2, "created_from"),
        (("export", "leads", "--dealership", "test-dealer", "--filter", "source=Web"), 2, "Website"),
        (("export", "leads", "--dealership", "test-dealer", "--format", "pdf"), 2, "xlsx"),
        (("export", "leads", "--dealership", "test-dealer", "-o", "/nowhere/leads.csv"), 1, "/nowhere"),
        (("export", "lead_clusters", "--dealership", "test-dealer", "--filter", "q=mia"), 2, "waiting"),
        (("serve", "--port", "70000"), 2, "FORECOURT_PORT"),
        (("migrate", "--database-url", "postgresql://nobody@127.0.0.1:1/none"), 1, "nobody answers"),
    ],
)
def test_bad_input_is_refused_in_one_clear_line(
    words: tuple[str, ...], code: int, says: str, loaded: Path
) -> None:
    done = run(*words, data_dir=loaded)

    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_an_unknown_variable_is_told(tmp_path: Path) -> None:
    assert "FORECOURT_PROT is no setting" in run("settings", data_dir=tmp_path, FORECOURT_PROT="1").stderr


def test_several_workers_serve_one_port_and_end_with_a_killed_parent(loaded: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "forecourt", "serve", "--port", "0", "--workers", "2", "--json"],
        env=os.environ | {"FORECOURT_DATA_DIR": str(loaded)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout
    address = json.loads(server.stdout.readline())["url"]
    with urllib.request.urlopen(f"{address}/livez") as answer:
        assert answer.status == 200

    server.kill()
    server.communicate()

    def gone() -> bool:
        try:
            with urllib.request.urlopen(f"{address}/livez", timeout=1):
                return False
        except OSError:
            return True

    until(gone)


@pytest.fixture
def scratch() -> Generator[Path]:
    """A folder of the test's own, whose path is short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="fc") as path:
        yield Path(path)


def test_the_demo_answers_its_own_example_and_leaves_nothing_behind(scratch: Path) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-m", "forecourt", "demo", "--port", "0", "--json"],
        env=os.environ | {"TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert demo.stdout
    shown = json.loads(demo.stdout.readline())
    done = subprocess.run(["sh", "-c", shown["curl"]], capture_output=True, text=True, check=True)
    lead = json.loads(done.stdout)
    assert (lead["id"], lead["name"], lead["website_slug"]) == (
        shown["lead_id"],
        "Test Lead",
        "example-website",
    )
    opener = urllib.request.build_opener(_KeepsCookies())
    for _ in range(2):
        with opener.open(shown["inbox_url"]) as inbox:
            assert "Mia Kowalski" in inbox.read().decode()
    assert lead["car_id"]
    assert lead["user_id"]
    [folder] = scratch.glob("forecourt-demo-*")
    assert processes(folder)

    os.killpg(demo.pid, signal.SIGINT)
    demo.communicate(timeout=30)

    assert demo.returncode in {0, 130}
    assert not folder.exists()
    until(lambda: processes(folder) == [])


def test_a_port_that_is_taken_is_told_in_one_line(loaded: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-m", "forecourt", "serve", "--port", "0", "--json"],
        env=os.environ | {"FORECOURT_DATA_DIR": str(loaded)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout
    port = json.loads(first.stdout.readline())["url"].rpartition(":")[2]
    done = run("serve", "--port", port, data_dir=loaded)

    assert done.returncode == 1
    assert "in use" in done.stderr
    first.terminate()
    started = time.monotonic()
    first.communicate(timeout=20)
    assert first.returncode == 0
    assert started
