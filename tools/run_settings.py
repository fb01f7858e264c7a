"""What `make run` can be told, by the environment or `.env`."""

from __future__ import annotations

from dataclasses import dataclass

from tools.envfile import Environment
from tools.say import Stop

_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what people write, not where we listen
_NO = {"0", "no", "false", "off"}


@dataclass(frozen=True)
class RunSettings:
    """Addresses of the trial.

    graph_url: where the app finds the Graph API. has_sandbox: that is the sandbox started here.
    """

    host: str
    port: int
    sandbox_port: int
    graph_url: str
    public_url: str
    log_level: str
    wants_demo: bool

    @classmethod
    def of(cls, environment: Environment) -> RunSettings:
        """Read and check them. Raises Stop."""
        host = environment.get("HOST", "127.0.0.1")
        port = _port(environment, "PORT", 5000)
        sandbox_port = _port(environment, "SANDBOX_PORT", 5001)
        if port == sandbox_port:
            raise Stop(f"PORT and SANDBOX_PORT are both {port}. Give them different numbers.")
        return cls(
            host=host,
            port=port,
            sandbox_port=sandbox_port,
            graph_url=environment.get("GRAPH_API_BASE_URL", _url(host, sandbox_port)).rstrip("/"),
            public_url=environment.get("PUBLIC_BASE_URL", _url(host, port)),
            # A terminal is for what needs attention; a line for each request hides it.
            log_level=environment.get("LOG_LEVEL", "WARNING"),
            wants_demo=environment.get("DEMO", "1").lower() not in _NO,
        )

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the app."""
        return _url(self.host, self.port)

    @property
    def sandbox_url(self) -> str:
        """Where a browser on this machine finds the sandbox's phone."""
        return _url(self.host, self.sandbox_port)

    @property
    def has_sandbox(self) -> bool:
        return self.graph_url in {self.sandbox_url, f"http://localhost:{self.sandbox_port}"}

    def environ(self) -> dict[str, str]:
        """What the programs are told; `.env` and `secrets.env` they read themselves."""
        return {
            "HOST": self.host,
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
            "GRAPH_API_BASE_URL": self.graph_url,
            "PUBLIC_BASE_URL": self.public_url,
            "LOG_LEVEL": self.log_level,
        }


def _port(environment: Environment, name: str, default: int) -> int:
    text = environment.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise Stop(f"{name} must be a number from 1 to 65535, for example: make run {name}={default + 50}")
    return int(text)


def _url(host: str, port: int) -> str:
    reachable = _EVERY_ADDRESS.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
