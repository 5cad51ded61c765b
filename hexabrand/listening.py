"""Whether this machine would let us listen where the settings say, and why not."""

# The standard library alone: `deploy/service` asks it before anything is installed.
import errno
import socket


def tcp_refusal(role: str, bind: str, port: int) -> str:
    """Return a sentence that names the setting, PI_… or OFFICE_…; "" where we may listen."""
    error = bind_error(socket.SOCK_STREAM, bind, port)
    if error is None:
        return ""
    # An address that this machine does not have is no fault of the port.
    at_fault = f"BIND={bind}" if error.errno == errno.EADDRNOTAVAIL else f"PORT={port}"
    return f"{role}_{at_fault} cannot be used: {error}.{_who(error, port)}"


def udp_refusal(bind: str, port: int) -> str:
    """Return a sentence that names LORA_UDP_BIND; "" where we may listen."""
    error = bind_error(socket.SOCK_DGRAM, bind, port)
    if error is None:
        return ""
    return f"LORA_UDP_BIND={bind}:{port} cannot be used: {error}.{_who(error, port)}"


def bind_error(kind: socket.SocketKind, bind: str, port: int) -> OSError | None:
    """Return why this machine would not let us listen there, None where it would."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind == socket.SOCK_STREAM:  # a connection that ended a moment ago holds nothing
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            return error
    return None


def _who(error: OSError, port: int) -> str:
    if error.errno != errno.EADDRINUSE:
        return ""
    return f" Another program listens there; to see which: sudo ss -lntup 'sport = :{port}'"
