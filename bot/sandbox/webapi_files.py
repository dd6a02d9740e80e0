"""files.*: ask for an address, upload the bytes there, then share (https://api.slack.com/messaging/files)."""

import mimetypes
from typing import Final

from bot.sandbox.calls import Call, Json, Method
from bot.sandbox.errors import SlackError
from bot.sandbox.limits import TIERS
from bot.sandbox.model import File
from bot.sandbox.shapes import api_file
from bot.sandbox.wire import Write


def _upload_url(call: Call) -> Json:
    name = call.required("filename")
    length = call.number("length", 0)
    if length < 1:
        raise SlackError(
            "invalid_arguments", response_metadata={"messages": ["[ERROR] length must be positive"]}
        )
    workspace = call.workspace
    file = File(
        id=workspace.next_id("F"),
        name=name,
        title=name,
        mimetype=mimetypes.guess_type(name)[0] or "text/plain",
        user=call.app.user_id,
        created=workspace.seconds(),
        expected=length,
        alt_txt=call.text("alt_txt"),
    )
    workspace.files[file.id] = file
    return {"upload_url": f"{call.base}/upload/{file.id}", "file_id": file.id}


def _complete(call: Call) -> Json:
    wanted = call.json("files")
    if not isinstance(wanted, list) or not wanted:
        raise SlackError("invalid_arguments")
    files = [_uploaded(call, str(entry.get("id"))) for entry in wanted]
    channel_id = call.text("channel_id")
    channel = call.channel("channel_id", member=True, open_only=True) if channel_id else None
    for file, entry in zip(files, wanted, strict=True):
        file.title = entry.get("title") or file.title
        file.completed = True
        call.write(Write(what="file", method=call.method, value=file, accepted=True))
    if channel is not None:
        for file in files:
            file.channels.append(channel.id)
        call.workspace.add_message(
            channel=channel.id,
            user=call.app.user_id,
            text=call.text("initial_comment"),
            blocks=call.blocks(),
            thread_ts=call.text("thread_ts") or None,
            files=files,
        )
    return {"files": [api_file(file, base=call.base) for file in files]}


def _uploaded(call: Call, file_id: str) -> File:
    file = call.workspace.files.get(file_id)
    if file is None or not file.content or file.completed:
        raise SlackError("file_not_found")
    return file


def _info(call: Call) -> Json:
    file = call.workspace.files.get(call.text("file"))
    if file is None or not file.completed:
        raise SlackError("file_not_found")
    return {"file": api_file(file, base=call.base), "comments": []}


METHODS: Final[dict[str, Method]] = {
    "files.getUploadURLExternal": Method(run=_upload_url, scopes=("files:write",), limit=TIERS[4]),
    "files.completeUploadExternal": Method(run=_complete, scopes=("files:write",), limit=TIERS[4]),
    "files.info": Method(run=_info, scopes=("files:read",), limit=TIERS[4]),
}
