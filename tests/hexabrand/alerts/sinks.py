"""A mail server and a webhook's receiver, on real sockets, that keep what arrives."""

import base64
import datetime as dt
import email
import email.policy
import ipaddress
import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "farm@mail.example", "p@ss:word/1"


@dataclass
class Hook:
    """`answers`: status codes for the next requests; 200 when there are none left."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[dict[str, str], bytes, int]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/farm?to=me"

    def bodies(self, role: str | None = None, taken: int = 200) -> list[dict[str, Any]]:
        told = [json.loads(body) for _, body, status in self.requests if status == taken]
        return [row for row in told if role in {None, row["role"]}]

    def told(self, role: str | None = None) -> list[tuple[str, str]]:
        """What was taken, as event and key."""
        return [(row["event"], row["key"]) for row in self.bodies(role)]


@contextmanager
def hook_sink(tls: ssl.SSLContext | None = None) -> Iterator[Hook]:
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = hook.answers.pop(0) if hook.answers else 200
            hook.requests.append((dict(self.headers), body, status))
            self.send_response(status)
            for name, value in hook.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Silence: the test looks at `requests`."""

    server = _HttpServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    with _serving(server) as port:
        hook.port = port
        yield hook


@dataclass
class Mailbox:
    """`users`: who signed in; `refuse`: the answer to the next DATA in place of 250; `unknown`:
    whom it takes no mail for."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    refuse: str = ""
    unknown: str = "nobody"

    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]


class _MailHandler(socketserver.StreamRequestHandler):
    """As much of SMTP as one mail needs."""

    server: "_Server"
    is_safe = is_known = False

    def handle(self) -> None:
        self.say("220 sink")
        while raw := self.rfile.readline():  # another file after STARTTLS
            line = raw.decode().strip()
            self.server.box.commands.append(line)
            verb = line.upper().split()[0]
            self.obey(verb, line)
            if verb == "QUIT":
                return

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def obey(self, verb: str, line: str) -> None:
        open_to_all = {"EHLO": self.greet, "STARTTLS": self.secure, "AUTH": self.sign_in}
        if verb in open_to_all:
            open_to_all[verb](line)
        elif self.server.tls and not self.is_known and verb != "QUIT":
            self.say("530 sign in first")
        elif verb == "RCPT" and self.server.box.unknown in line:
            self.say("550 who?")
        elif verb == "DATA":
            self.take()
        else:
            self.say("221 bye" if verb == "QUIT" else "250 ok")

    def greet(self, _line: str) -> None:
        offered = "STARTTLS" if self.server.tls else "8BITMIME"
        self.say(f"250-sink\r\n250 {'AUTH PLAIN' if self.is_safe else offered}")

    def secure(self, _line: str) -> None:
        assert self.server.tls
        self.say("220 go on")
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = cast("Any", self.connection.makefile("wb", 0))
        self.is_safe = True

    def sign_in(self, line: str) -> None:
        _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
        self.is_known = (user, password) == (USER, PASSWORD)
        self.server.box.users.append(user)
        self.say("235 known" if self.is_known else "535 who?")

    def take(self) -> None:
        self.say("354 go on")
        raw = b"".join(iter(self.rfile.readline, b".\r\n"))
        mail = email.message_from_bytes(raw.replace(b"\r\n", b"\n"), policy=email.policy.default)
        if self.server.box.refuse:
            self.say(self.server.box.refuse)
            return
        self.server.box.mails.append(mail)
        self.say("250 taken")


@contextmanager
def mail_sink(tls: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """With `tls` it demands STARTTLS and a sign-in before it takes anything."""
    server = _Server(("127.0.0.1", 0), _MailHandler)
    server.box, server.tls = Mailbox(), tls
    with _serving(server) as port:
        server.box.port = port
        yield server.box


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    box: Mailbox
    tls: ssl.SSLContext | None

    def handle_error(self, *_args: Any) -> None:
        """A client that goes away in the middle is the client's business."""


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_args: Any) -> None:
        """As above."""


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield int(cast("Any", server.server_address)[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def local_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """For localhost; whoever is to trust it gets the file as SSL_CERT_FILE."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    alternatives = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, file = made.public_bytes(serialization.Encoding.PEM), folder / "localhost.pem"
    file.write_bytes(pem)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "localhost.key").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, folder / "localhost.key")
    return file, context
