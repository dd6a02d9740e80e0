"""Where a workspace is known to answer otherwise than Slack, by name."""

from collections.abc import Mapping

# By server and by claim. A claim that comes true must leave this table: the test says so.
DIFFERENCES: Mapping[str, Mapping[str, str]] = {
    "ours": {},
    "emulate": {
        "answers say which scopes are granted": "it sends no X-OAuth-Scopes header",
        "an unknown token is refused": "a token that it does not know is its first user's",
        "an unknown method is unknown": "it answers 404 in words of its own",
        "a post is signed by the bot": "its messages carry the bot's user and no bot_id",
        "a block without an id gets one": "it keeps blocks as they were sent",
        "an empty list of blocks removes them": "it answers with the empty list",
        "a thread nobody began": "it answers with an empty thread",
        "metadata's payload stays away when not asked for": "it does not read include_all_metadata",
        "oldest is exclusive": "it does not read oldest, latest and inclusive",
        "a made-up cursor is refused": "it reads any cursor as a number or as the beginning",
        "a name in capitals": "it puts names in lower case and replaces spaces itself",
        "no name": "it has one error for every name that will not do",
        "nobody joins it by himself": "a member may join a private channel again",
        "joining twice is a warning": "it sends no warnings",
        "a channel that the bot is not in": "it lets everybody post to public channels",
        "a person has a time zone": "its users have none",
        "a person is or is not a guest": "its users are all full members",
        "user groups are listed": "it has no user groups",
        "a form with a long title": "it does not count characters in views",
        "a form is no home tab": "its word is invalid_view",
        "broken blocks": "it does not look into blocks",
        "blocks that are not JSON": "its word is invalid_blocks",
        "51 blocks": "it does not count blocks",
        "an edit of 4,001 characters": "it does not count characters",
        "none of these was posted": "it has posted the broken blocks and the 51",
        "a shared file keeps its alternative text": "it keeps none",
    },
}
