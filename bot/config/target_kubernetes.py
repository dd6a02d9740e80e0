"""The kind of target that is a Kubernetes cluster, with what it allows."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bot.config.fields import Filled, FilledUrl, Name, Secret, fault
from bot.config.target_entry import FilledPath, TargetEntry, Timeout

Namespace = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]


class KubernetesTarget(TargetEntry):
    """Namespaces of one Kubernetes cluster, with what may be done there and how much of it.

    The way in is one of `kubeconfig` (with `context`), `server` (with `token`), or `in_cluster`. `cluster` is a name
    for the cluster itself: give it where several targets reach the same one, so that two of them never act on one
    Deployment at the same time.
    """

    kind: Literal["kubernetes"]
    namespaces: Annotated[tuple[Namespace, ...], Field(min_length=1)]
    kubeconfig: FilledPath | None = None
    context: Filled | None = None
    server: FilledUrl | None = None
    token: Secret | None = Field(default=None, description="Sent as a bearer token")
    ca_file: FilledPath | None = None
    in_cluster: bool = Field(
        default=False, description="Use the service account of the pod that Muster runs in"
    )
    verify_tls: bool = True
    cluster: Name | None = None
    manifests: dict[Name, FilledPath] = Field(default_factory=dict)
    most_replicas: Annotated[int, Field(ge=1, le=10_000)] = 50
    cordon: bool = Field(default=False, description="Whether nodes may be cordoned")
    timeout: Timeout = timedelta(seconds=10)

    @model_validator(mode="after")
    def _one_way_in(self) -> "KubernetesTarget":
        ways = [self.kubeconfig is not None, self.server is not None, self.in_cluster]
        if sum(ways) != 1:
            raise fault("give one of kubeconfig, server, or in_cluster: true")
        if self.context is not None and self.kubeconfig is None:
            raise fault("context belongs to kubeconfig", "context")
        if self.server is None and (self.token is not None or self.ca_file is not None):
            raise fault("token and ca_file belong to server; a kubeconfig holds its own")
        return self
