"""Connections of `kubernetes.aio`, made when first wanted: importing it takes half a second and 45 MB."""

import asyncio
import importlib
from collections.abc import Mapping
from typing import Any

import aiohttp

from bot.ports.action import Target
from bot.ports.failure import PermanentError

POOL = 32
"""Connections to one API server; more reads than that wait for their turn."""

RETIRED = 4
"""Clients with refused credentials that are kept until nobody uses them."""


class Redirected(Exception):  # noqa: N818 - it is an answer, which becomes a refusal
    """The server pointed elsewhere; credentials follow no redirect."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class BrokenOffError(aiohttp.ClientError):
    """A change was sent, and the connection ended without an answer."""


async def sent_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Let a change that broke off fail at once: aiohttp would silently send a DELETE a second time."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        if request.method == "GET":
            raise
        raise BrokenOffError from None


class Connections:
    """One client per target and credentials; a changed configuration gets a new one."""

    def __init__(self) -> None:
        self._clients: dict[str, Any] = {}
        self._retired: list[Any] = []
        self._making = asyncio.Lock()

    async def client(self, target: Target) -> Any:
        """Give the client of a target; PermanentError says why there is none."""
        key = _key(target)
        async with self._making:
            if key not in self._clients:
                self._clients[key] = await _made(target)
            return self._clients[key]

    async def forget(self, target: Target, client: Any) -> None:
        """Use a client no more whose credentials were refused, so that the next call reads them anew.

        Other calls may be under way on it, so it is closed only when several more were retired after it.
        """
        if self._clients.get(_key(target)) is not client:
            return
        self._retired.append(self._clients.pop(_key(target)))
        if len(self._retired) > RETIRED:
            await self._retired.pop(0).close()

    async def close(self) -> None:
        """Close all."""
        clients = [*self._clients.values(), *self._retired]
        self._clients.clear()
        self._retired.clear()
        for client in clients:
            await client.close()


def _key(target: Target) -> str:
    names = ("server", "token", "ca_file", "verify_tls", "kubeconfig", "context", "in_cluster")
    return repr((target.name, *(target.settings.get(name) and str(target.settings[name]) for name in names)))


async def _made(target: Target) -> Any:
    """Read the credentials and make a client; the slow parts are off the event loop."""
    vendor = await asyncio.to_thread(importlib.import_module, "kubernetes.aio.client")
    loaders = await asyncio.to_thread(importlib.import_module, "kubernetes.aio.config")
    configuration = vendor.Configuration()
    try:
        await _configure(configuration, loaders, target.settings)
    except (loaders.ConfigException, OSError, ValueError, KeyError, TypeError) as error:
        raise PermanentError(
            f"The credentials of {target.name} cannot be read ({type(error).__name__}). Check its kubeconfig, "
            f"context and files in config/targets.yaml."
        ) from None
    configuration.connection_pool_maxsize = POOL
    configuration.retries = None
    configuration.trace_configs = [_no_redirects()]
    configuration.client_session_kwargs = {"trust_env": False, "middlewares": (sent_once,)}
    try:
        client = await asyncio.to_thread(vendor.ApiClient, configuration)
    except OSError:
        raise PermanentError(f"The certificate files of {target.name} cannot be read.") from None
    client.user_agent = "muster"
    return client


async def _configure(configuration: Any, loaders: Any, settings: Mapping[str, Any]) -> None:
    if settings.get("kubeconfig"):
        await loaders.load_kube_config(
            config_file=str(settings["kubeconfig"]),
            context=settings.get("context") and str(settings["context"]),
            client_configuration=configuration,
            persist_config=False,
        )
    elif settings.get("in_cluster"):
        loaders.load_incluster_config(client_configuration=configuration)
    else:
        configuration.host = str(settings["server"]).rstrip("/")
        configuration.ssl_ca_cert = settings.get("ca_file") and str(settings["ca_file"])
        if settings.get("token"):
            configuration.api_key["BearerToken"] = f"Bearer {settings['token']}"
    if not settings.get("verify_tls", True):
        configuration.verify_ssl = False


def _no_redirects() -> aiohttp.TraceConfig:
    async def refuse(_session: Any, _context: Any, params: aiohttp.TraceRequestRedirectParams) -> None:
        params.response.close()
        raise Redirected(params.response.status)

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(refuse)
    return trace
