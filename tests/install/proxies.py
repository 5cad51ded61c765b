"""A real nginx in front of an office, configured as the document says or as people do otherwise."""

import asyncio
import json
import os
import re
import shutil
import ssl
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.system.farm import ROOT, Farm, free_port, wait_until

HOW_TO_GET_IT = "sudo apt-get install nginx-light"
NAME = "farm.localhost"  # a browser needs no DNS for it
PROXY_ADDRESS = "127.0.0.2"  # another than that of who goes around the proxy
SOCKET = """
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
"""

# What people write into `location / { … }` beside proxy_pass and what a WebSocket needs.
STYLES = {
    "nothing": "",
    "host without its port": "proxy_set_header Host $host;",
    "host and port": "proxy_set_header Host $host:$server_port;",
    "no scheme": "proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;",
    "traefik": """
        proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Host $http_host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Port $server_port; proxy_set_header X-Forwarded-Proto wss;
        proxy_set_header X-Forwarded-Server traefik; proxy_set_header X-Real-Ip $remote_addr;
    """,
    "forwarded host alone": "proxy_set_header X-Forwarded-Host $http_host;",
    "forwarded port": """
        proxy_set_header Host $host; proxy_set_header X-Forwarded-Port $server_port;
    """,
    "rfc 7239": """
        proxy_set_header Forwarded 'for=$remote_addr;host="$http_host";proto=https';
    """,
    "http said inside": """
        proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto http;
    """,
}


def nginx() -> str | None:
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")


def recipe() -> str:
    """The block that the document shows."""
    document = (ROOT / "docs/proxy.md").read_text()
    (found,) = re.findall(r"^```nginx\n(.*?)^```", document, re.MULTILINE | re.DOTALL)
    return str(found)


class Nginx:
    """`with Nginx(folder, office_port) as proxy:` the recipe at `port`, each style at `ports`."""

    def __init__(self, folder: Path, office_port: int) -> None:
        self._folder, self._office_port = folder, office_port
        self.port = free_port()
        self.ports = {style: free_port() for style in STYLES}
        folder.mkdir()

    def __enter__(self) -> Self:
        self._make_certificate()
        (self._folder / "nginx.conf").write_text(self._configuration())
        command = [str(nginx()), "-p", f"{self._folder}/", "-c", "nginx.conf", "-e", "error.log"]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        wait_until(self._answers, "nginx answers")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait()

    def _make_certificate(self) -> None:
        command = (
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
            f" -subj /CN={NAME} -keyout farm.key -out farm.pem"
        )
        subprocess.run(command.split(), cwd=self._folder, check=True, capture_output=True)

    def _configuration(self) -> str:
        folders = "".join(
            f"{kind}_temp_path {kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.geteuid() == 0 else ""
        return (
            f"{user} daemon off; worker_processes 1; pid nginx.pid; error_log error.log;\n"
            f"events {{}}\nhttp {{ access_log off; proxy_bind {PROXY_ADDRESS};\n{folders}"
            f"{self._filled_in(recipe())}\n{''.join(map(self._server, STYLES))} }}\n"
        )

    def _filled_in(self, block: str) -> str:
        for written, here in (
            ("listen 443", f"listen 127.0.0.1:{self.port}"),
            ("farm.example", NAME),
            (f"/etc/ssl/{NAME}.pem", "farm.pem"),
            (f"/etc/ssl/private/{NAME}.key", "farm.key"),
            ("127.0.0.1:5000", f"127.0.0.1:{self._office_port}"),
        ):
            assert written in block, f"The recipe has no {written!r} any more."
            block = block.replace(written, here)
        return block

    def _server(self, style: str) -> str:
        return (
            f"server {{ listen 127.0.0.1:{self.ports[style]} ssl;\n"
            f"ssl_certificate farm.pem; ssl_certificate_key farm.key;\n"
            f"location / {{ proxy_pass http://127.0.0.1:{self._office_port};\n"
            f"{SOCKET}{STYLES[style]} }} }}\n"
        )

    def _answers(self) -> bool:
        assert self._process.poll() is None, (self._folder / "error.log").read_text()
        try:
            requests.get(f"https://127.0.0.1:{self.port}/health", verify=False, timeout=5)
        except requests.ConnectionError:
            return False
        return True


class _From(HTTPAdapter):
    """Connects from an address of its own, as another computer would."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, source_address=(self._address, 0), **kwargs)


@dataclass
class Browser:
    """What Chromium sends, without its rendering. `says_where`: it is of today, and says over
    https whether a request comes from the same site."""

    origin: str
    port: int
    says_where: bool = True
    address: str = "127.0.0.1"
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.verify, self.session.trust_env = False, False
        self.session.headers["Host"] = urlsplit(self.origin).netloc
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, _From(self.address))

    @property
    def _url(self) -> str:
        return f"{urlsplit(self.origin).scheme}://127.0.0.1:{self.port}"

    def post(self, path: str, body: dict[str, str], **headers: str) -> requests.Response:
        """A form on a page of this origin."""
        shown = self.session.get(f"{self._url}/login", timeout=30).text
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown)
        for cookie in self.session.cookies:
            cookie.secure = False  # who goes around the proxy sends them over http, too
        token = {"csrfmiddlewaretoken": found[1]} if found else {}
        own = {"Origin": self.origin, "Referer": f"{self.origin}/login"}
        if self.says_where:
            own["Sec-Fetch-Site"] = "same-origin"
        return self.session.post(
            self._url + path,
            {**body, **token},
            headers=own | headers,
            allow_redirects=False,
            timeout=30,
        )

    def sign_in(self, name: str, password: str, **headers: str) -> requests.Response:
        body = {"username": name, "password": password, "next": "/office/"}
        return self.post("/login", body, **headers)

    def open_socket(self, origin: str = "") -> str:
        """Its first word; the status of a refusal. No version of Chromium says more than this."""
        return asyncio.run(self._first_word(origin or self.origin))

    async def _first_word(self, origin: str) -> str:
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.session.cookies)
        context = ssl._create_unverified_context()
        url = f"wss://{urlsplit(self.origin).netloc}/ws/office?page=/office/"
        try:
            async with connect(
                url,
                host="127.0.0.1",
                port=self.port,
                ssl=context,
                proxy=None,
                origin=origin,  # type: ignore[arg-type]  # a plain text will do
                additional_headers={"Cookie": cookies},
            ) as socket:
                return str(json.loads(await socket.recv())["state"])
        except InvalidStatus as refused:
            return str(refused.response.status_code)


class ProxiedFarm(Farm):
    """A farm whose office knows by which name and over which proxy it is reached."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.proxy = Nginx(root / "nginx", self.office_port)
        self.public_url = f"https://{NAME}:{self.proxy.port}"
        self.given |= {"OFFICE_URL": self.public_url, "TRUSTED_PROXIES": f"{PROXY_ADDRESS}/32"}

    def browser(self, style: str = "", **more: Any) -> Browser:
        """Behind the recipe, or behind what somebody else has configured."""
        port = self.proxy.ports[style] if style else self.proxy.port
        return Browser(f"https://{NAME}:{port}", port, **more)
