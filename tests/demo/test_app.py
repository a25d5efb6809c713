"""The command line as a person meets it: in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

import architectures
from demo.serving.ports import free_port
from tests.bench.drawing import drawing_crowd
from tests.support.serving import ROOT, STARTS_WITHIN_S, answers, start, stop

pytestmark = pytest.mark.slow


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "app.py", *arguments]
    return subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=300)


def test_help_lists_every_option_with_examples_and_the_nets() -> None:
    told = run("--help")
    assert told.returncode == 0
    for word in ("--model", "--host", "--port", "--share", "--hub-repo", "--db", "GRADIO_SERVER_PORT"):
        assert word in told.stdout
    words = "".join(told.stdout.split())
    assert all(net in words for net in architectures.names())


def test_help_does_not_wait_for_torch_or_gradio() -> None:
    code = "import sys, app; app.parser().format_help(); print({'torch', 'gradio', 'numpy'} & set(sys.modules))"
    command = [sys.executable, "-c", code]
    told = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert told.stdout.strip() == "set()"


def test_an_unknown_net_is_refused_with_the_list() -> None:
    refused = run("--model", "alexnet")
    assert refused.returncode == 2
    assert f"no net called 'alexnet'; there are {', '.join(architectures.names())}" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("port", ["eighty", "-1", "70000"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    refused = run("--port", port)
    assert refused.returncode == 2
    assert port in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = run("--port", str(port))
    assert refused.returncode == 2
    assert f"port {port} is taken" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_page_prints_its_address_and_opens_with_the_net_asked_for(visit: Callable, tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    process, address = start("--model", "resnet_ish", "--db", f"sqlite:///{tmp_path}/drawings.sqlite", log=log)
    try:
        deadline = time.monotonic() + 60  # the address answers a moment before it is printed
        while f"{address}/" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert f"{address}/" in log.read_text()
        page = visit()
        page.goto(address)
        expect(page.locator("#net label.selected")).to_have_text("resnet-ish")
        expect(page.locator("#bars thead th.net .name")).to_have_text(["resnet-ish"])
        page.close()  # before its server goes, or it complains of a connection refused
    finally:
        stop(process)


def test_gradios_environment_variables_choose_host_and_port(tmp_path: Path) -> None:
    port = free_port()
    code = [sys.executable, "app.py", "--db", f"sqlite:///{tmp_path}/drawings.sqlite"]
    environment = {**os.environ, "GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "localhost"}
    with subprocess.Popen(code, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment) as process:
        try:
            assert process.stdout is not None
            assert f":{port}/" in process.stdout.readline().decode()
            deadline = time.monotonic() + STARTS_WITHIN_S
            while not answers(f"http://localhost:{port}"):
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.2)
        finally:
            stop(process)


def test_a_database_that_never_answers_lets_nobody_wait_who_draws(tmp_path: Path) -> None:
    with socket.socket() as silent:  # takes connections and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen(100)
        database = f"postgresql://challenge@127.0.0.1:{silent.getsockname()[1]}/challenge"
        process, address = start("--model", "resnet-ish", "--db", database, log=tmp_path / "log.txt")
        try:
            waited = drawing_crowd(address, people=2, seconds=2)
        finally:
            stop(process)
    assert waited.final and not waited.refused
    assert max(waited.final) < 5, waited.final  # a store that is asked would take ten and more
