"""The API server over HTTP: addresses, rights, dry runs, subresources, refusals as `Status` objects."""

import asyncio
import base64
import copy
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from tests.fakes.kubernetes.faults import Fault, Faults
from tests.fakes.kubernetes.patching import BadPatch, patched
from tests.fakes.kubernetes.rights import Rule, shipped
from tests.fakes.kubernetes.validation import invalid
from tests.fakes.kubernetes.world import World

TOKEN = "the-right-token"
USER = "system:serviceaccount:muster:muster"

_ADDRESS = re.compile(
    r"/(?:api/v1|apis/(?P<group>[^/]+)/(?P<version>[^/]+))(?:/namespaces/(?P<space>[^/]+))?"
    r"/(?P<resource>[^/]+)(?:/(?P<name>[^/]+))?(?:/(?P<sub>[^/]+))?"
)
_KINDS = {
    "pods": "Pod",
    "events": "Event",
    "deployments": "Deployment",
    "replicasets": "ReplicaSet",
    "nodes": "Node",
    "horizontalpodautoscalers": "HorizontalPodAutoscaler",
}
_VERSIONS = {"": "v1", "apps": "v1", "autoscaling": "v2", "metrics.k8s.io": "v1beta1"}


class Refused(Exception):  # noqa: N818 - it becomes an answer
    def __init__(
        self, code: int, reason: str, message: str, causes: list[dict[str, str]] | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.causes = code, reason, message, causes or []


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    body: Any
    content_type: str
    group: str
    resource: str
    space: str
    name: str
    sub: str

    @property
    def dry_run(self) -> bool:
        return self.query.get("dryRun") == "All"

    @property
    def verb(self) -> str:
        if self.method == "GET":
            return "get" if self.name else "list"
        return {"PATCH": "patch", "POST": "create", "DELETE": "delete"}[self.method]

    @property
    def what(self) -> str:
        return f"{self.resource}.{self.group}" if self.group else self.resource


@dataclass
class Server:
    """A cluster on loopback; `metrics` tells whether a metrics server is there, and `asked` what was asked."""

    world: World = field(default_factory=World)
    faults: Faults = field(default_factory=Faults)
    rules: tuple[Rule, ...] = field(default_factory=shipped)
    used: set[Rule] = field(default_factory=set)
    asked: list[Asked] = field(default_factory=list)
    metrics: int = 200
    forget_pages: bool = False
    lingering: int = 0
    expired: bool = False
    url: str = ""

    @property
    def writes(self) -> list[Asked]:
        """What was asked that could change something."""
        return [each for each in self.asked if each.method != "GET" and not each.dry_run]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        asked = _read(request, raw)
        self.asked.append(asked)
        fault = self.faults.strike(asked.method, asked.path, dry_run=asked.dry_run)
        if fault is not None and fault.kind != "drop_after":
            return await self._struck(request, fault)
        try:
            answer = self._answer(request, asked)
        except Refused as refused:
            answer = _status(refused)
        if fault is not None:
            _cut(request)
        answer.headers["Date"] = format_datetime(self.world.now().astimezone(UTC), usegmt=True)
        return answer

    async def _struck(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.kind == "hang":
            await self.faults.released.wait()
        if fault.kind in {"drop_before", "hang"}:
            _cut(request)
        if fault.kind == "redirect":
            return web.Response(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"})
        if fault.kind == "garbage":
            return web.Response(text="<html>a proxy's page</html>", content_type="text/html")
        return _status(Refused(fault.status, fault.reason, fault.message))

    def _answer(self, request: web.Request, asked: Asked) -> web.Response:
        if self.expired or request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refused(401, "Unauthorized", "Unauthorized")
        self._authorize(asked)
        if asked.group == "metrics.k8s.io":
            return self._metrics(asked)
        if asked.group not in _VERSIONS or asked.resource not in _KINDS:
            raise Refused(404, "NotFound", "the server could not find the requested resource")
        if asked.sub == "log":
            return self._log(asked)
        match asked.method:
            case "GET":
                return _json(self._scale_of(self._one(asked)) if asked.sub == "scale" else self._read(asked))
            case "PATCH":
                return _json(self._patch(asked))
            case "POST":
                return _json(self._create(asked), status=201)
            case "DELETE":
                return _json(self._delete(asked))
            case other:
                raise Refused(405, "MethodNotAllowed", f"{other} is not known here")

    def _authorize(self, asked: Asked) -> None:
        resource = f"{asked.resource}/{asked.sub}" if asked.sub else asked.resource
        rule = next(
            (
                each
                for each in self.rules
                if each.allows(asked.verb, asked.group, resource, asked.space, asked.name)
            ),
            None,
        )
        if rule is not None:
            self.used.add(rule)
            return
        where = f' in the namespace "{asked.space}"' if asked.space else " at the cluster scope"
        who = f'User "{USER}" cannot {asked.verb} resource "{resource}" in API group "{asked.group}"{where}'
        raise Refused(403, "Forbidden", f'{asked.what} "{asked.name}" is forbidden: {who}')

    def _one(self, asked: Asked) -> dict[str, Any]:
        try:
            return self.world.get(asked.resource, asked.space, asked.name)
        except KeyError:
            raise Refused(404, "NotFound", f'{asked.what} "{asked.name}" not found') from None

    def _read(self, asked: Asked) -> dict[str, Any]:
        if asked.name:
            found = self._one(asked)
            if found["metadata"].get("deletionTimestamp") and asked.resource == "deployments":
                self.lingering -= 1
                if self.lingering <= 0:
                    self.world.remove(asked.resource, asked.space, asked.name)
            return found
        items = [each for each in self.world.all(asked.resource, asked.space) if _chosen(each, asked.query)]
        return self._page(asked, items)

    def _page(self, asked: Asked, items: list[dict[str, Any]]) -> dict[str, Any]:
        start = 0
        if "continue" in asked.query:
            if self.forget_pages:
                self.forget_pages = False
                raise Refused(
                    410,
                    "Expired",
                    "The provided continue parameter is too old to display a consistent list result.",
                )
            start = int(base64.b64decode(asked.query["continue"]))
        limit = int(asked.query.get("limit", "0")) or len(items)
        meta: dict[str, Any] = {"resourceVersion": str(self.world.version)}
        if start + limit < len(items):
            meta["continue"] = base64.b64encode(str(start + limit).encode()).decode()
        return {
            "kind": f"{_KINDS[asked.resource]}List",
            "metadata": meta,
            "items": items[start : start + limit],
        }

    def _scale_of(self, deployment: dict[str, Any]) -> dict[str, Any]:
        meta = {
            name: deployment["metadata"][name] for name in ("name", "namespace", "uid", "resourceVersion")
        }
        replicas = deployment["spec"].get("replicas", 1)
        spec = {"replicas": replicas} if replicas else {}
        return {
            "kind": "Scale",
            "apiVersion": "autoscaling/v1",
            "metadata": meta,
            "spec": spec,
            "status": {"replicas": 0},
        }

    def _patch(self, asked: Asked) -> dict[str, Any]:
        before = self._one(asked)
        seen = self._scale_of(before) if asked.sub == "scale" else before
        try:
            after = patched(asked.content_type, copy.deepcopy(seen), asked.body)
        except BadPatch as bad:
            causes = [{"reason": "UnexpectedServerResponse", "message": str(bad)}]
            said = "the server rejected our request due to an error in our request"
            raise Refused(422, "Invalid", said, causes) from None
        if after["metadata"].get("uid") != before["metadata"]["uid"]:
            raise Refused(
                409,
                "Conflict",
                f"Operation cannot be fulfilled on {asked.what}: Precondition failed: UID in precondition",
            )
        if after["metadata"].get("resourceVersion") != before["metadata"]["resourceVersion"]:
            raise Refused(
                409,
                "Conflict",
                f'Operation cannot be fulfilled on {asked.what} "{asked.name}": the object has been modified',
            )
        if asked.sub == "scale":
            whole = copy.deepcopy(before)
            whole["spec"]["replicas"] = after["spec"].get("replicas", 0)
            after = whole
        self._check(asked, after)
        if asked.dry_run:
            return self._scale_of(after) if asked.sub == "scale" else after
        stored = self.world.replace(asked.resource, after)
        return self._scale_of(stored) if asked.sub == "scale" else stored

    def _create(self, asked: Asked) -> dict[str, Any]:
        item = copy.deepcopy(asked.body)
        item["metadata"]["namespace"] = asked.space
        name = item["metadata"]["name"]
        if (asked.resource, asked.space, name) in self.world.objects:
            raise Refused(409, "AlreadyExists", f'{asked.what} "{name}" already exists')
        self._check(asked, item)
        return item if asked.dry_run else self.world.put(asked.resource, item)

    def _check(self, asked: Asked, item: dict[str, Any]) -> None:
        fault = invalid(asked.resource, item)
        if fault:
            kind, name = _KINDS[asked.resource], item["metadata"]["name"]
            raise Refused(422, "Invalid", f'{kind} "{name}" is invalid: {fault}', [{"message": fault}])

    def _delete(self, asked: Asked) -> dict[str, Any]:
        item = self._one(asked)
        wanted = ((asked.body or {}).get("preconditions") or {}).get("uid")
        if wanted not in {None, item["metadata"]["uid"]}:
            raise Refused(
                409,
                "Conflict",
                f"Precondition failed: UID in precondition: {wanted}, UID in object meta: {item['metadata']['uid']}",
            )
        if asked.dry_run:
            return item
        if self.lingering:
            item["metadata"]["deletionTimestamp"] = self.world.stamp()
        else:
            self.world.remove(asked.resource, asked.space, asked.name)
        return {"kind": "Status", "status": "Success"}

    def _metrics(self, asked: Asked) -> web.Response:
        if self.metrics == 404:
            raise Refused(404, "NotFound", "the server could not find the requested resource")
        if self.metrics == 503:
            raise Refused(503, "ServiceUnavailable", "the server is currently unable to handle the request")
        items = [
            each
            for each in self.world.all(f"metrics/{asked.resource}", asked.space)
            if _chosen(each, asked.query)
        ]
        return _json({"kind": "MetricsList", "metadata": {}, "items": items})

    def _log(self, asked: Asked) -> web.Response:
        pod = self._one(asked)
        names = [each["name"] for each in pod["spec"]["containers"]]
        container = asked.query.get("container") or (names[0] if len(names) == 1 else "")
        if not container:
            said = (
                f"a container name must be specified for pod {asked.name}, choose one of: [{' '.join(names)}]"
            )
            raise Refused(400, "BadRequest", said)
        if container not in names:
            raise Refused(400, "BadRequest", f"container {container} is not valid for pod {asked.name}")
        previous = asked.query.get("previous") == "true"
        if previous and (asked.name, container, True) not in self.world.logs:
            said = f'previous terminated container "{container}" in pod "{asked.name}" not found'
            raise Refused(400, "BadRequest", said)
        waiting = _waiting(pod, container)
        if waiting and not previous:
            said = f'container "{container}" in pod "{asked.name}" is waiting to start: {waiting}'
            raise Refused(400, "BadRequest", said)
        raw = self.world.logs.get((asked.name, container, previous), b"")
        lines = raw.splitlines(keepends=True)
        tail = int(asked.query.get("tailLines", len(lines)))
        kept = b"".join(lines[max(len(lines) - tail, 0) :])
        return web.Response(
            body=kept[: int(asked.query.get("limitBytes", len(kept)))], content_type="text/plain"
        )


def _waiting(pod: dict[str, Any], container: str) -> str:
    found: dict[str, Any] = next(
        (each for each in pod["status"].get("containerStatuses") or () if each["name"] == container), {}
    )
    reason = str((found.get("state") or {}).get("waiting", {}).get("reason", ""))
    return (
        "trying and failing to pull image"
        if "ImagePull" in reason
        else reason
        if "lastState" not in found
        else ""
    )


def _chosen(item: dict[str, Any], query: dict[str, str]) -> bool:
    labels = item["metadata"].get("labels") or {}
    for part in filter(None, query.get("labelSelector", "").split(",")):
        name, _, value = part.partition("=")
        if labels.get(name) != value:
            return False
    for part in filter(None, query.get("fieldSelector", "").split(",")):
        name, _, value = part.partition("!=" if "!=" in part else "=")
        found: Any = item
        for step in name.split("."):
            found = (found or {}).get(step)
        if (found == value) == ("!=" in part):
            return False
    return True


def _read(request: web.Request, raw: bytes) -> Asked:
    found = _ADDRESS.fullmatch(request.path)
    parts = found.groupdict() if found else {}
    return Asked(
        method=request.method,
        path=request.path,
        query=dict(request.query),
        body=json.loads(raw) if raw else None,
        content_type=request.content_type,
        group=parts.get("group") or "",
        resource=parts.get("resource") or "",
        space=parts.get("space") or "",
        name=parts.get("name") or "",
        sub=parts.get("sub") or "",
    )


def _json(body: Any, status: int = 200) -> web.Response:
    return web.json_response(body, status=status)


def _status(refused: Refused) -> web.Response:
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": refused.message,
        "reason": refused.reason,
        "code": refused.code,
        "details": {"causes": refused.causes},
    }
    return web.json_response(body, status=refused.code)


def _cut(request: web.Request) -> None:
    """End the connection in the middle; aiohttp takes the cancellation for the client's leaving."""
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    server.faults.released.set()
    await runner.cleanup()
