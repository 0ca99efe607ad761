"""lastcall status --listen: answers scrapes, and nobody's client can keep it from doing so.

The pages are made by hand. Knows the port and the bytes of HTTP; what the metrics say is another
file's matter.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
from contextlib import contextmanager

import pytest

from support.client import Client
from support.command_pages import Page, command, in_namespaces, page  # noqa: F401
from support.process import Ports, accepts, environment
from support.waiting import PATIENCE, until

GET = b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n"


@pytest.fixture(scope="module")
def ports():
    return Ports()


@contextmanager
def serving(command, *words, port, wrap=(), where=""):
    """The running command, which listens. It ends by SIGTERM, with status 0."""
    line = [*wrap, str(command.program), "status", *map(str, words), "--prometheus", "--listen",
            f"{where}{port}"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=environment({})) as process:
        try:
            assert "/metrics is served" in process.stdout.readline(), process.stderr.read()
            yield process
        finally:
            process.terminate()
            assert process.wait(20) == 0


def answer(port, *pieces, family=socket.AF_INET, end=False):
    """All that is said on a connection that sends these pieces."""
    host = "127.0.0.1" if family == socket.AF_INET else "::1"
    with socket.socket(family) as connection:
        connection.settimeout(PATIENCE)
        connection.connect((host, port))
        for piece in pieces:
            connection.sendall(piece)
        if end:
            connection.shutdown(socket.SHUT_WR)
        said = b""
        while piece := connection.recv(65536):
            said += piece
    return said


def parts(said):
    head, _, content = said.partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    return int(line.split()[1]), dict(field.split(": ", 1) for field in fields), content.decode()


@pytest.fixture
def scraped(command, page, tmp_path, ports):
    port = ports.free()
    with serving(command, tmp_path, port=port):
        yield port


# ---- What is said ------------------------------------------------------------------------------


def test_a_scrape_is_answered_with_the_numbers_of_its_moment(command, page, scraped):
    for open_now in (3, 4):
        page.count(open=open_now)
        with Client(scraped) as client:
            response = client.exchange(GET)
            assert client.ending() == "FIN"
        status, fields, content = parts(answer(scraped, GET))
        assert status == 200 and fields["Connection"] == "close"
        assert fields["Content-Type"].startswith("text/plain; version=0.0.4")
        assert int(fields["Content-Length"]) == len(content) == len(response.body)
        assert f"}} {open_now}\n" in re.search("lastcall_connections_open{.*\n", content)[0]


def test_what_is_scraped_is_what_is_printed(command, page, scraped, tmp_path):
    page.count(open=3)
    printed = command("status", tmp_path, "--prometheus").stdout
    assert printed and parts(answer(scraped, GET))[2] == printed


def test_the_scrape_passes_promtool(page, scraped):
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("install prometheus for promtool")
    checked = subprocess.run([promtool, "check", "metrics"], input=parts(answer(scraped, GET))[2],
                             capture_output=True, text=True, timeout=60)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_head_says_the_same_without_content(scraped):
    full, bare = answer(scraped, GET), answer(scraped, GET.replace(b"GET", b"HEAD"))
    length = len(full.partition(b"\r\n\r\n")[2])
    assert bare.endswith(b"\r\n\r\n") and f"Content-Length: {length}\r\n".encode() in bare


REFUSED = [
    ("another path", b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", 404),
    ("a longer path", b"GET /metrics/ HTTP/1.1\r\nHost: h\r\n\r\n", 404),
    ("another method", b"POST /metrics HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 405),
    ("no host", b"GET /metrics HTTP/1.1\r\n\r\n", 400),
    ("two hosts", b"GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ("a folded line", b"GET /metrics HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400),
    ("a blank before the colon", b"GET /metrics HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    ("a NUL", b"GET /metrics HTTP/1.1\r\nHost: a\0\r\n\r\n", 400),
    ("HTTP/0.9", b"GET /metrics\r\n\r\n", 400),
    ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    ("TLS, then the end of a head", b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
    ("more than 8 KiB", b"GET /metrics HTTP/1.1\r\nHost: " + b"h" * 9000, 400)]


@pytest.mark.parametrize("name, request_, status", REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_no_scrape_is_refused(scraped, name, request_, status):
    told, fields, content = parts(answer(scraped, request_))
    assert told == status and int(fields["Content-Length"]) == len(content)
    assert fields.get("Allow") == ("GET, HEAD" if status == 405 else None)


ACCEPTED = [
    ("a query", [b"GET /metrics?a=b HTTP/1.1\r\nHost: h\r\n\r\n"]),
    ("a whole URI", [b"GET http://h:1/metrics HTTP/1.1\r\nHost: h\r\n\r\n"]),
    ("HTTP/1.0", [b"GET /metrics HTTP/1.0\r\n\r\n"]),
    ("an empty line in front", [b"\r\n", GET]),
    ("byte by byte", [bytes([byte]) for byte in GET]),
    ("with content, read away", [GET, b"x" * 20_000])]


@pytest.mark.parametrize("name, pieces", ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_what_is_a_scrape_is_answered(scraped, name, pieces):
    assert parts(answer(scraped, *pieces, end=True))[0] == 200


# ---- Clients that are slow ---------------------------------------------------------------------


def test_slow_clients_hold_nobody_up(scraped):
    """More than there is room for: each is sent less than a head, and stays."""
    slow = [socket.create_connection(("127.0.0.1", scraped)) for _ in range(40)]
    for connection in slow:
        connection.sendall(GET[:-2])
    assert parts(answer(scraped, GET))[0] == 200
    for connection in slow:
        connection.close()


def test_a_slow_client_is_let_go(scraped):
    """The end of input comes in the harness's patience, or the socket's own raises."""
    with socket.create_connection(("127.0.0.1", scraped), timeout=PATIENCE) as slow:
        slow.sendall(GET[:-2])
        assert slow.recv(1) == b""


def test_a_client_that_resets_is_survived(scraped):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", scraped)) as rude:
            rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            rude.sendall(GET)
    assert parts(answer(scraped, GET))[0] == 200


def test_few_descriptors_are_enough(command, page, ports):
    """Enough for one connection and a look: the others wait, and the processor rests."""
    port = ports.free()
    with serving(command, page.pid, port=port, wrap=["prlimit", "--nofile=9"]):
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(8)]
        for connection in held:
            connection.close()
        assert until(lambda: parts(answer(port, GET))[0] == 200)


# ---- Where and until when ----------------------------------------------------------------------


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well(command, page, ports, ending):
    with serving(command, page.pid, port=ports.free()) as process:
        process.send_signal(ending)
        assert process.wait(20) == 0


def test_process_1_of_a_container_is_ended_as_well(command, page, tmp_path, ports):
    wrap = in_namespaces("-p", "-f", "--mount-proc", "--kill-child")
    port = ports.free()
    line = [*wrap, str(command.program), "status", str(tmp_path), "--prometheus", "--listen",
            str(port)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=environment({})) as process:
        assert "/metrics is served" in process.stdout.readline()
        children = f"/proc/{process.pid}/task/{process.pid}/children"
        with open(children) as file:
            os.kill(int(file.read().split()[0]), signal.SIGTERM)
        assert process.wait(20) == 0


@pytest.mark.parametrize("where, family", [
    ("", socket.AF_INET), ("", socket.AF_INET6), ("127.0.0.1:", socket.AF_INET),
    ("[::1]:", socket.AF_INET6), ("[::]:", socket.AF_INET6)])
def test_it_listens_where_it_is_told(command, page, ports, where, family):
    port = ports.free()
    with serving(command, page.pid, port=port, where=where):
        try:
            said = answer(port, GET, family=family)
        except OSError as error:
            if family == socket.AF_INET6 and error.errno in (97, 99):
                pytest.skip("no IPv6 here")
            raise
        assert parts(said)[0] == 200
        if where.startswith("["):
            assert not accepts(port)


def test_a_port_in_use_is_told(command, page, scraped):
    done = command("status", page.pid, "--prometheus", "--listen", scraped)
    assert done.returncode == 1 and not done.stdout
    assert f"cannot listen on port {scraped}: Address already in use" in done.stderr


@pytest.mark.parametrize("words, named", [
    (["--listen", "9464"], "--listen goes with --prometheus"),
    (["--listen", "9464", "--json"], "--listen goes with --prometheus"),
    (["--listen", "9464", "--prometheus", "--watch"], "exclude each other"),
    (["x/1", "--prometheus", "--listen", "9464"], '"x/1": expected the number'),
    *((["--prometheus", "--listen", bad], f'--listen "{bad}": expected a port')
      for bad in ["", "0", "65536", "-1", "http", "localhost:9464", ":9464", "::1:9464",
                  "[127.0.0.1]:9464", "[::1]", "[]:1", "127.0.0.1:", "1.2.3:80", "[::1]:9464x"])])
def test_nonsense_is_refused(command, words, named):
    done = command("status", *words)
    assert done.returncode == 2 and named in done.stderr and not done.stdout


def test_a_near_miss_is_told(command):
    assert "did you mean --listen?" in command("status", "--lisen", "9464").stderr


# ---- When there is nothing to tell -------------------------------------------------------------


def test_no_server_yet_is_an_answer_of_the_version_alone(command, tmp_path, ports):
    port = ports.free()
    with serving(command, tmp_path, port=port):
        status, _, content = parts(answer(port, GET))
        samples = [line for line in content.splitlines() if not line.startswith("#")]
        assert status == 200 and re.fullmatch(r'lastcall_build_info{version=".+"} 1', *samples)
        with Page(tmp_path) as made:
            made.fill()
            assert "lastcall_workers" in parts(answer(port, GET))[2]


def test_a_page_that_cannot_be_read_fails_the_scrape_and_is_told_once(command, page, tmp_path, ports):
    port = ports.free()
    with serving(command, tmp_path, port=port) as process:
        page.put("I", 32, 0)  # not ready
        for _ in range(3):
            status, _, content = parts(answer(port, GET))
            assert status == 500 and "not filled in" in content
        process.terminate()
        assert process.stderr.read().count("not filled in") == 1


def test_a_folder_that_is_gone_fails_the_scrape(command, tmp_path, ports):
    port = ports.free()
    with serving(command, tmp_path / "none", port=port):
        status, _, content = parts(answer(port, GET))
        assert status == 500 and "No such file" in content
