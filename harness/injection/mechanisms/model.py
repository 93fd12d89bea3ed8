"""The agent's own model fails, as models do: rate limits, overload, streams cut, broken tool calls.

It happens at the gateway and is counted there.  Nothing in the sandbox changes, so that only agents
whose model is at the gateway can meet it.
"""

from harness.errors import SandboxError
from harness.gateway import faults
from harness.injection.mechanisms import base
from harness.injection.mechanisms.base import Facts, InjectionTarget, Needs
from harness.models.fault import Fault

Settings = faults.ModelFault


def needs(fault: Fault) -> Needs:  # noqa: ARG001 - all mechanisms are alike
    """Need an agent whose model is at the gateway."""
    return Needs(model_channel=True)


def available(target: InjectionTarget) -> str | None:
    """Say whether the agent's model is at the gateway."""
    return None if target.channel is not None else "the agent's model is not at the gateway"


def inject(target: InjectionTarget) -> Facts:
    """Stand before the model."""
    fault = Settings.model_validate(target.fault.settings)
    if target.channel is None:
        raise SandboxError(f"{target.fault.id} needs an agent whose model is at the gateway")
    target.channel.trouble = faults.trouble(fault)
    return {"what": fault.what}


def present(target: InjectionTarget) -> bool | None:
    """Say whether it stands there: asked of the gateway, so that no look uses it up."""
    return target.channel is not None and target.channel.trouble is not None


COUNTS = True
HEALS = True
need = base.need
counted = base.counts_nothing
leave = base.nothing


def heal(target: InjectionTarget, facts: Facts) -> None:  # noqa: ARG001 - all mechanisms are alike
    """Step aside."""
    if target.channel is not None:
        target.channel.mend()
