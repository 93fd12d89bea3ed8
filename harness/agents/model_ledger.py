"""What an agent's talk with its model comes to: each exchange recorded, the budget kept."""

from __future__ import annotations

from harness.agents.allowance import CutOff
from harness.agents.model_settings import Settings
from harness.agents.session import Session
from harness.errors import HarnessError, ModelUnreachable
from harness.gateway.model_channel import Exchange, ModelChannel
from harness.history.events import ModelCall, ModelError

TEXT = 2000
"""characters of a provider's complaint that are recorded"""


class ModelLedger:
    """Hears every exchange of one trial, in the trial's own thread."""

    def __init__(self, session: Session, settings: Settings, channel: ModelChannel) -> None:
        self.session = session
        self.settings = settings
        self.channel = channel
        self.trouble: Exchange | None = None
        """The last exchange, if it failed."""
        self.tokens = 0
        self.usd = 0.0

    def pump(self) -> None:
        """Hear what waits in the channel; each exchange goes on when it has been recorded.

        Raises `CutOff` when the budget is spent; the answer that spent it is not given.
        """
        for exchange in self.channel.take():
            try:
                self.hear(exchange)
            except BaseException as error:
                self.channel.close(str(error))
                raise
            finally:
                exchange.done.set()

    def hear(self, exchange: Exchange) -> None:
        """Record one exchange."""
        if exchange.effect:
            self.session.count_effect(exchange.effect)
        if exchange.kind == "failed":
            self.trouble = exchange
            self._record_error(exchange)
        if exchange.kind == "answer":
            self.trouble = None
            self._record_call(exchange)

    def unreachable(self) -> ModelUnreachable | None:
        """Return the error if the last word of the model was that it could not be reached."""
        if self.trouble is None or not self.trouble.ours:
            return None
        return ModelUnreachable(f"the model could not be reached: {self.trouble.refusal}"[:TEXT])

    def _record_error(self, exchange: Exchange) -> None:
        refusal = exchange.refusal
        self.session.record(
            ModelError(
                turn=exchange.request.turns + 1,
                status=refusal.status if refusal else None,
                message=str(refusal)[:TEXT] if refusal else "the connection was cut",
                by="fault" if exchange.effect else "model" if exchange.ours else "gateway",
                request=self.session.keep(exchange.raw),
            )
        )

    def _record_call(self, exchange: Exchange) -> None:
        reply, request = exchange.reply, exchange.request
        if reply is None:
            return
        usage = reply.answer.usage
        price = self.settings.prices.get(request.model)
        usd = price.of(usage) if price is not None else None
        self.session.record(ModelCall(
            turn=request.turns + 1, model=request.model, format=request.format,
            tools=bool(request.tools), media=reply.media,
            prompt=usage.prompt, completion=usage.completion, cached=usage.cached, usd=usd,
            seconds=round(exchange.seconds, 4), text=reply.answer.text,
            broken=bool(exchange.effect),
            request=self.session.keep(exchange.raw),
            response=self.session.keep(b"".join(reply.chunks)),
        ))  # fmt: skip
        self._spend((usage.prompt or 0) + (usage.completion or 0), usd)

    def _spend(self, tokens: int, usd: float | None) -> None:
        budget = self.settings.budget
        self.tokens += tokens
        self.usd += usd or 0.0
        if budget.tokens is not None and self.tokens > budget.tokens:
            raise CutOff(f"the budget of {budget.tokens} tokens is spent", word="budget spent")
        if budget.usd is not None and usd is None:
            raise HarnessError("the budget in USD cannot be kept: `prices` lack a model it asks")
        if budget.usd is not None and self.usd > budget.usd:
            raise CutOff(f"the budget of {budget.usd:g} USD is spent", word="budget spent")
