"""What a login, a command as root, cron and the kernel leave behind in a Debian machine's files."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime

from harness.containers.archive import Member, member
from harness.models.fault import By
from harness.shelltext.quoting import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A colleague with an account."""

    name: str
    uid: int
    title: str
    address: str
    """From where the login comes."""
    terminal: str
    chore: str
    """What a note is about."""
    history: str
    notes: str

    @property
    def home(self) -> str:
        """The home folder."""
        return f"/home/{self.name}"


PEOPLE = (
    Person(
        name="ops", uid=1101, title="Operations", address="10.20.0.14", terminal="pts/1",
        chore="looked at the disks, nothing to do",
        history="df -h\nsudo less /var/log/syslog\nuptime\nnano notes.txt\nlast | head\n",
        notes="Rota\n- mornings: look at disks and copies\n- ask before a reboot\n",
    ),
    Person(
        name="deploy", uid=1102, title="Deployment", address="10.20.0.31", terminal="pts/2",
        chore="waiting for the review",
        history="ls\nnano notes.txt\nsudo less /var/log/syslog\ngit --version\n",
        notes="To do\n- renew the list of hosts\n- clean up old branches, ask first\n",
    ),
)  # fmt: skip

LOG = """log() {
  TZ=UTC0 printf '%(%FT%T)T.%s+00:00 %s %s\\n' -1 "${EPOCHREALTIME: -6}" "$HOSTNAME" "$2" \\
    >> "/var/log/$1"
}
as_root() {
  local program=${2%% *} folder user
  for folder in /usr/local/bin /usr/sbin /usr/bin; do [ -x "$folder/$program" ] && break; done
  printf -v user %8s "$3"
  log auth.log "sudo: $user : TTY=$1 ; PWD=/home/$3 ; USER=root ; COMMAND=$folder/$2"
  log auth.log "sudo: pam_unix(sudo:session): session opened for user root(uid=0) by $3(uid=$4)"
  log auth.log "sudo: pam_unix(sudo:session): session closed for user root"
}
"""
"""Functions that the scripts of this module call."""


def account(person: Person) -> str:
    """Return a script that makes an account, if there is none of that name."""
    passwd = f"{person.name}:x:{person.uid}:{person.uid}:{person.title}:{person.home}:/bin/bash"
    return f"""[[ $'\\n'$(</etc/passwd) == *$'\\n'{person.name}:* ]] || {{
  echo {quote([passwd])} >> /etc/passwd
  echo {person.name}:x:{person.uid}: >> /etc/group
  [ -e /etc/shadow ] && echo '{person.name}:!:19700:0:99999:7:::' >> /etc/shadow
}}
"""


def home(person: Person) -> Member:
    """Return an empty home folder."""
    return member(f"{person.home}/", b"", mode=0o755, uid=person.uid, gid=person.uid, mtime=0)


def line(file: str, text: str) -> str:
    """Return a script that appends a line to a log of /var/log."""
    return f"log {file} {quote([text])}\n"


def typed(person: Person, command: str) -> str:
    """Return a script that appends a command to a shell's history."""
    return f"echo {quote([command])} >> {person.home}/.bash_history\n"


def sudo(person: Person, command: str) -> str:
    """Return a script with what a command as root leaves; "": a shell of root's."""
    words = quote([person.terminal, command or "bash", person.name, str(person.uid)])
    return typed(person, f"sudo {command or '-s'}") + f"as_root {words}\n"


def login(person: Person) -> str:
    """Return a script with what a login over SSH leaves."""
    return "".join(line("auth.log", text) for text in _accepted(person)) + _wtmp(person, 7)


def logout(person: Person) -> str:
    """Return a script with what its end leaves."""
    sshd, name = f"sshd[{2000 + person.uid}]", person.name
    left = line("auth.log", f"{sshd}: Disconnected from user {name} {person.address}")
    closed = line("auth.log", f"{sshd}: pam_unix(sshd:session): session closed for user {name}")
    return left + closed + _wtmp(person, 8)


def of(by: By) -> str:
    """Return a script with what a change leaves that a person, cron or the kernel makes."""
    if by.user == "kernel":
        return line("syslog", f"kernel: {by.did}")
    if by.user == "cron":
        return line("syslog", f"CRON: (root) CMD ({by.did})")
    return sudo(next(person for person in PEOPLE if person.name == by.user), by.did)


def environment(by: By | None) -> str:
    """Return a script that gives what a person starts as root the marks of sudo."""
    for person in PEOPLE:
        if by is not None and by.user == person.name:
            ids = f"SUDO_UID={person.uid} SUDO_GID={person.uid}"
            return f"export SUDO_USER={person.name} {ids} SUDO_COMMAND=/bin/bash\n"
    return ""


def past_login(person: Person, at: int, host: str) -> list[str]:
    """Return a log's lines for a login at a time, in seconds since 1970."""
    return [f"{_stamp(at)} {host} {text}\n" for text in _accepted(person)]


def past_cron(at: int, host: str, pid: int) -> str:
    """Return a log's line for a run of Debian's hourly jobs."""
    job = "CMD (   cd / && run-parts --report /etc/cron.hourly)"
    return f"{_stamp(at)} {host} CRON[{pid}]: (root) {job}\n"


def record(person: Person, at: int, kind: int = 7) -> bytes:
    """Return a record of wtmp (glibc's, 64 bit): `kind` 7 is a login, 8 its end."""
    user = person.name.encode() if kind == 7 else b""  # noqa: PLR2004 - USER_PROCESS
    host = person.address.encode() if user else b""
    address = bytes(map(int, person.address.split("."))) if user else b""
    terminal = person.terminal.encode()
    return struct.pack(
        "<hxxi32s4s32s256shhiii16s20x",
        kind, 2000 + person.uid, terminal, terminal[-3:], user, host, 0, 0, 0, at, 0, address,
    )  # fmt: skip


def _wtmp(person: Person, kind: int) -> str:
    """Return a script that appends a record of this moment, which the shell itself tells."""
    before, after = record(person, 0, kind)[:340], record(person, 0, kind)[348:]
    return f"""printf -v now '\\\\x%02x' $((EPOCHSECONDS & 255)) $((EPOCHSECONDS >> 8 & 255)) \\
  $((EPOCHSECONDS >> 16 & 255)) $((EPOCHSECONDS >> 24 & 255)) 0 0 0 0
printf '{_escaped(before)}'"$now"'{_escaped(after)}' >> /var/log/wtmp
"""


def _escaped(data: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in data)


def _accepted(person: Person) -> tuple[str, str]:
    name, sshd, port = person.name, f"sshd[{2000 + person.uid}]", 48000 + person.uid
    opened = f"session opened for user {name}(uid={person.uid}) by (uid=0)"
    return (
        f"{sshd}: Accepted publickey for {name} from {person.address} port {port} ssh2",
        f"{sshd}: pam_unix(sshd:session): {opened}",
    )


def _stamp(at: int) -> str:
    return (
        datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{at * 7919 % 10**6:06}+00:00"
    )
