"""web, and the dashboard beside the daemon."""

from __future__ import annotations

import signal
import socket
import subprocess
from pathlib import Path

from tests.cli.conftest import run
from tests.engine.daemon import COMMAND, asked, config, daemon, eventually, free_port
from tests.support.world import write_config


def test_it_serves_until_told_to_stop(tmp_path: Path) -> None:
    """Where it is said in one line; SIGTERM ends it as asked for."""
    folder, port = write_config(tmp_path / "config"), free_port()
    command = [*COMMAND, str(folder), "web", "--listen", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            eventually(lambda: asked(port, "/healthz") == (200, b"ok\n"), "the site answers")
            process.send_signal(signal.SIGTERM)
            process.wait(90)
        finally:
            process.kill()
        assert process.stderr is not None
        said = process.stderr.read()

    assert f"Dealwire is at http://127.0.0.1:{port}/" in said
    assert "Traceback" not in said


def test_an_address_that_others_can_reach_needs_a_password(tmp_path: Path) -> None:
    """Also where it is given on the command line."""
    folder = write_config(tmp_path / "config")

    result = run("--config", folder, "web", "--listen", "0.0.0.0:8420")

    assert result.code == 2
    assert "can be reached by others, so web.password must be set" in result.err


def test_what_is_no_address_is_told(tmp_path: Path) -> None:
    """With an example of one."""
    result = run("--config", write_config(tmp_path / "config"), "web", "--listen", "8420")

    assert result.code == 2
    assert "must be an address with a port such as 127.0.0.1:8420" in result.err


def test_an_address_that_is_taken_is_told(tmp_path: Path) -> None:
    """With what to change."""
    folder = write_config(tmp_path / "config")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("--config", folder, "web", "--listen", f"127.0.0.1:{taken.getsockname()[1]}")

    assert result.code == 2
    assert "cannot be listened on" in result.err
    assert "Set web.listen" in result.err


def test_the_daemon_shows_it_where_it_is_configured(tmp_path: Path) -> None:
    """It is there while the daemon runs, and no longer."""
    port = free_port()
    folder = config(tmp_path, web={"listen": f"127.0.0.1:{port}"})
    with daemon(folder) as running:
        eventually(lambda: asked(port, "/healthz") == (200, b"ok\n"), "the site answers")
        code, _ = running.terminate()

        assert code == 0
        assert asked(port, "/healthz")[0] == 0
        assert running.logged("dashboard", address=f"http://127.0.0.1:{port}/")
