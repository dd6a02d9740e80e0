"""What the page's controls do: the clock, the demo service, the bot's process, the faults."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from bot.sandbox.clock import SandboxClock
from bot.sandbox.controls import BotControl, ServiceControl
from bot.sandbox.delivery import Delivery
from bot.sandbox.errors import ActRefusedError
from bot.sandbox.faults import Faults
from bot.sandbox.limits import RateLimits
from bot.sandbox.socketmode import SocketMode

Json = dict[str, Any]
JUST_AFTER: Final = 0.5


class ControlActs:
    """Carries out the acts of the page's controls.

    Args:
        upcoming: lists what is to come, the page's `upcoming`.
        changed: told which part of the state changed: clock or faults.
    """

    def __init__(
        self,
        *,
        clock: SandboxClock,
        faults: Faults,
        limits: RateLimits,
        sockets: SocketMode,
        delivery: Callable[[], Delivery],
        service: ServiceControl | None,
        bot: BotControl | None,
        upcoming: Callable[[], Awaitable[list[Json]]],
        changed: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._faults = faults
        self._limits = limits
        self._sockets = sockets
        self._delivery = delivery
        self._service = service
        self._bot = bot
        self._upcoming = upcoming
        self._changed = changed
        self.table: Final[Mapping[str, Callable[[Json], Awaitable[Json]]]] = {
            "clock": self._set_rate,
            "clock_skip": self._skip,
            "service": self._serve,
            "bot": self._run,
            "fault": self._fault,
            "limits": self._limit,
        }

    async def _set_rate(self, act: Json) -> Json:
        try:
            self._clock.set_rate(int(act.get("rate", 0)))
        except (TypeError, ValueError):
            raise ActRefusedError(
                f"The clock can't run at rate {act.get('rate')}. Use 1, 10 or 60."
            ) from None
        self._changed("clock")
        return {"clock": self._clock.value()}

    async def _skip(self, _act: Json) -> Json:
        moments = [datetime.fromisoformat(str(each["at"])).timestamp() for each in await self._upcoming()]
        if not moments:
            raise ActRefusedError("Nothing is due. Declare an incident first.")
        self._clock.skip_to(min(moments) + JUST_AFTER)
        self._changed("clock")
        return {"clock": self._clock.value()}

    async def _serve(self, act: Json) -> Json:
        if self._service is None:
            raise ActRefusedError("No demo service runs here. Start the workspace with `muster sandbox`.")
        match act.get("do"):
            case "break":
                await self._service.break_down()
            case "repair":
                await self._service.repair()
            case other:
                raise ActRefusedError(f'The service can\'t "{other}". Use break or repair.')
        return {}

    async def _run(self, act: Json) -> Json:
        if self._bot is None:
            raise ActRefusedError(
                "No bot process is supervised here. Start the workspace with `muster sandbox`."
            )
        match act.get("do"):
            case "kill":
                await self._bot.kill()
            case "start":
                await self._bot.start()
            case other:
                raise ActRefusedError(f'The bot can\'t "{other}". Use kill or start.')
        return {}

    async def _fault(self, act: Json) -> Json:
        name, on = str(act.get("name")), bool(act.get("on", True))
        if on and name == "redeliver":
            return await self._redeliver()
        if on and name == "socket_disconnect":
            count = await self._sockets.disconnect()
            if not count:
                raise ActRefusedError(
                    "The bot holds no Socket Mode connection. Start the workspace in socket mode."
                )
            return {"connections": count}
        params = act.get("params")
        try:
            self._faults.set(name, on=on, params=params if isinstance(params, dict) else None)
        except ValueError as refused:
            raise ActRefusedError(str(refused)) from None
        self._changed("faults")
        return {"faults": self._faults.value()}

    async def _redeliver(self) -> Json:
        reply = await self._delivery().redeliver()
        if reply is None:
            raise ActRefusedError("No event was sent yet. Mention the bot first.")
        return {"taken": reply.ok}

    async def _limit(self, act: Json) -> Json:
        self._limits.on = bool(act.get("on", True))
        return {"on": self._limits.on}
