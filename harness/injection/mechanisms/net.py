"""The kernel's packet filter breaks the network: refused, dropped, unreachable, cut, slow, lossy.

The rules stand in the network namespace of the fault's `where`, put there by a sidecar: no
process inside can see or change them.  The model tunnel always passes.  The kernel counts the
connections that were hit, each once, and leaves all others alone when `times` of them were.
"""

from __future__ import annotations

import ipaddress
import json
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from harness.containers.shell import Result, Shell
from harness.containers.sidecars import model_tunnel
from harness.errors import SandboxError
from harness.injection.mechanisms import base
from harness.injection.mechanisms.base import Facts, InjectionTarget
from harness.models.values import Frozen
from harness.shelltext.quoting import quote

TABLE = "inet filter"
LOOKUP_SECONDS = 10.0
"""How long a name server may take to say where a rule's host is: no part of the trial's time."""

MOST = 65535
"""Connections that are counted where no `times` limits them."""

Effect = Literal["refuse", "drop", "unreachable", "reset", "slow", "lossy"]


class Settings(Frozen):
    """What happens to connections from here to a host's port."""

    effect: Effect
    host: str | None = None
    """A name, as the container resolves it at the injection, or an address; none: every host."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """TCP and UDP; none: every port."""
    after: int = Field(default=0, ge=0)
    """reset: bytes of the answer (headers of packets included) that come through before."""
    rate: int | None = Field(default=None, ge=1)
    """slow: bytes a second"""
    share: int | None = Field(default=None, ge=1, le=99)
    """lossy: percent of the packets that are lost"""

    @field_validator("host", "port", mode="before")
    @classmethod
    def _none(cls, value: Any) -> Any:
        return None if value == "" else value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.effect == "slow") != (self.rate is not None):
            raise ValueError("`rate` belongs to the effect `slow`, and to no other")
        if (self.effect == "lossy") != (self.share is not None):
            raise ValueError("`share` belongs to the effect `lossy`, and to no other")
        if self.after and self.effect != "reset":
            raise ValueError("`after` belongs to the effect `reset`")
        return self


COUNTS = True
HEALS = True
needs = base.needs_nothing
need = base.need
leave = base.nothing


def available(target: InjectionTarget) -> str | None:
    """Say whether a helper may set packet rules in the container's network."""
    if target.container.spec.network.startswith("container:"):
        return "the container shares another's network"
    try:
        said = _nft(_shell(target), "list ruleset")
    except SandboxError as error:
        return f"it needs a helper with NET_ADMIN: {error}"
    return None if said.exit_code == 0 else f"the kernel has no nftables: {_words(said)}"


def inject(target: InjectionTarget) -> Facts:
    """Set the rules."""
    settings = Settings.model_validate(target.fault.settings)
    address = _address(target, settings.host)
    said = _nft(_shell(target), f"-f - <<'END'\n{rules(settings, address, _times(target))}END")
    if said.exit_code != 0:
        raise SandboxError(f"{target.fault.id}: nft: {_words(said)}")
    return {**settings.model_dump(exclude_none=True, exclude_defaults=True), "address": address}


def present(target: InjectionTarget) -> bool | None:
    """Say whether the rules still have an effect: asked of the kernel, so nothing is used up."""
    found = _count_set(target)
    return found is not None and found < _times(target)


def counted(target: InjectionTarget) -> int:
    """Return how many connections were hit since the injection."""
    return _count_set(target) or 0


def heal(target: InjectionTarget, facts: Facts) -> None:  # noqa: ARG001 - all mechanisms are alike
    """Remove the rules and all that was counted."""
    _nft(_shell(target), f"delete table {TABLE}")


# --- rules ---------------------------------------------------------------------------------


def rules(settings: Settings, address: str | None, times: int) -> str:
    r"""Return a table for `nft -f`.

    Each connection is known by its port on this side.  A set takes no more than `times` of them,
    and a rule that cannot add its connection to the set does nothing more.

    >>> print(rules(Settings(effect="refuse", port=80), "10.0.0.2", 3))
    table inet filter {
      set met { type inet_service; size 3; flags dynamic; }
      chain passing {
        type filter hook output priority -150;
        ip daddr 127.0.0.1 tcp dport 4010 accept
        ip daddr 127.0.0.1 tcp sport 4010 accept
        tcp flags rst accept
        ip daddr 10.0.0.2 tcp dport 80 add @met { th sport } reject with tcp reset
        ip daddr 10.0.0.2 udp dport 80 add @met { th sport } reject with icmpx port-unreachable
      }
    }
    <BLANKLINE>
    """
    inwards = settings.effect in {"slow", "lossy"}
    hook, ours, theirs = ("input", "dport", "saddr") if inwards else ("output", "sport", "daddr")
    lines = [f"ip {side} {line}" for side, line in _exempt(inwards=inwards)]
    lines.append("tcp flags rst accept")  # the answer to what is refused comes from here too
    host = f"ip {theirs} {address} " if address else ""
    for protocol in ("tcp", "udp"):
        port = "sport" if inwards else "dport"
        here = f"{protocol} {port} {settings.port}" if settings.port else f"meta l4proto {protocol}"
        done = _verdict(settings, protocol)
        if done is not None:
            before, verdict = done
            lines.append(f"{host}{here} {before}add @met {{ th {ours} }} {verdict}")
    body = "".join(f"    {line}\n" for line in lines)
    return (
        f"table {TABLE} {{\n"
        f"  set met {{ type inet_service; size {times}; flags dynamic; }}\n"
        "  chain passing {\n"
        f"    type filter hook {hook} priority -150;\n{body}  }}\n}}\n"
    )


def _exempt(*, inwards: bool) -> list[tuple[str, str]]:
    """Return what matches the model tunnel, in both directions."""
    side, port = ("saddr" if inwards else "daddr"), model_tunnel.PORT
    return [(side, f"127.0.0.1 tcp {end} {port} accept") for end in ("dport", "sport")]


def _verdict(settings: Settings, protocol: str) -> tuple[str, str] | None:
    """Return what a packet must show besides, and what becomes of it; None: of no concern."""
    stream = protocol == "tcp"
    match settings.effect:
        case "refuse":
            return "", "reject with " + ("tcp reset" if stream else "icmpx port-unreachable")
        case "drop":
            return "", "drop"
        case "unreachable":
            return "", "reject with icmpx host-unreachable"
        case "reset":
            seen = f"ct reply bytes > {settings.after} "
            return (seen, "reject with tcp reset") if stream else None
        case "slow":
            return f"limit rate over {settings.rate} bytes/second ", "drop"
        case "lossy":
            return f"numgen random mod 100 < {settings.share} ", "drop"


# --- asked and told ------------------------------------------------------------------------


def _times(target: InjectionTarget) -> int:
    schedule = target.fault.schedule
    return int(schedule.value or 0) if schedule.kind == "times" else MOST


def _count_set(target: InjectionTarget) -> int | None:
    """Return how many connections are in the set; None where there is no set."""
    said = _nft(_shell(target), f"-j list set {TABLE} met")
    if said.exit_code != 0:
        return None
    found = json.loads(said.stdout)["nftables"]
    return sum(len(row["set"].get("elem", ())) for row in found if "set" in row)


def _address(target: InjectionTarget, host: str | None) -> str | None:
    """Return a host's address as the container sees it."""
    if host is None:
        return None
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        said = target.probes.ask(f"getent ahostsv4 {quote([host])}", seconds=LOOKUP_SECONDS)
    if said.exit_code != 0:
        raise SandboxError(f"{target.fault.id}: the host {host} has no address here")
    return said.stdout.decode().split()[0]


def _shell(target: InjectionTarget) -> Shell:
    if target.sidecars is None:
        raise SandboxError("no helper can stand beside this container")
    return target.sidecars.network()


def _nft(shell: Shell, words: str) -> Result:
    return shell.run(f"/usr/sbin/nft {words}", seconds=10)


def _words(said: Result) -> str:
    return (said.stderr or said.stdout).decode(errors="replace").strip()[-400:] or "no answer"
