"""Where an action works: its cluster, its namespace among the allowed ones, and the addresses of objects."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Context, Target
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.kubernetes import Cluster

APPS, CORE, SCALING, METRICS = (
    "/apis/apps/v1",
    "/api/v1",
    "/apis/autoscaling/v2",
    "/apis/metrics.k8s.io/v1beta1",
)

ObjectName = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$")]
"""A name as Kubernetes allows it; it holds nothing that could leave its place in an address."""

ContainerName = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]


class InNamespace(BaseModel):
    """`namespace` is the target's first one when empty."""

    model_config = ConfigDict(extra="forbid")

    namespace: str = Field(default="", pattern=r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$")


class OneDeployment(InNamespace):
    """`deployment` is its name, without a kind before it."""

    deployment: ObjectName


class Nothing(BaseModel):
    """Nothing is asked."""

    model_config = ConfigDict(extra="forbid")


def cluster(context: Context) -> Cluster:
    """Give the port to the cluster."""
    return cast("Cluster", context.outside["kubernetes"])


def namespace(target: Target, asked: str) -> str:
    """Give the namespace to work in, or raise PermanentError when the target does not allow it."""
    allowed = tuple(target.settings["namespaces"])
    if asked and asked not in allowed:
        raise PermanentError(
            f"The namespace {asked} is not one that {target.name} allows: {', '.join(allowed)}."
        )
    return asked or str(allowed[0])


def within(group: str, space: str, resource: str, name: str = "", sub: str = "") -> str:
    """Write the address of a collection in a namespace, of one object in it, or of its subresource."""
    return "/".join(part for part in (f"{group}/namespaces/{space}/{resource}", name, sub) if part)


def lock_name(target: Target, asked: str, kind: str, name: str) -> str:
    """Name the object that a write holds; targets of one cluster share its locks."""
    space = f"{asked or target.settings['namespaces'][0]}/" if kind != "node" else ""
    return f"kubernetes:{target.settings.get('cluster') or target.name}/{space}{kind}/{name}"


Plan = Callable[[Context, Any], Awaitable[str]]


def readable(plan: Plan) -> Plan:
    """Let a preview that meets a refusal or a broken connection say so in its place."""

    async def previewed(context: Context, inputs: Any) -> str:
        try:
            return await plan(context, inputs)
        except PermanentError as error:
            return f"As things are it would be refused: {error}"
        except TemporaryError as error:
            return f"There is no preview: {error}"

    return previewed
