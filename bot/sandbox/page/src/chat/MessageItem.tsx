import { memo, useCallback, useState } from "react";
import { Blocks } from "../blocks/Blocks";
import { Text } from "../blocks/Text";
import { BlockHost } from "../elements/host";
import { Avatar } from "../parts/Avatar";
import { Icon } from "../parts/Icon";
import { emojiFor } from "../parts/emoji";
import { act } from "../state/act";
import { timeOfDay } from "../state/clock";
import { usePart } from "../state/store";
import type { ChatMessage, FormValues } from "../state/types";
import { useUi } from "../state/ui";
import { Files } from "./Files";
import { MessageTools } from "./MessageTools";

interface Props {
  message: ChatMessage;
  follows: boolean;
  replies: number;
  privateReplies: number;
  lastReply?: string | undefined;
  pinned: boolean;
  inThread: boolean;
  onDismiss: (ts: string) => void;
}

/** One message with all that can be done to it. */
export const MessageItem = memo(function MessageItem(props: Props) {
  const { message, follows, replies, privateReplies, lastReply, pinned, inThread, onDismiss } = props;
  const users = usePart("users");
  const { me, openThread, say } = useUi();
  const author = users.find((user) => user.id === message.user);
  const at = Number(message.ts) * 1000;
  const react = useCallback(
    async (name: string) => {
      const answer = await act({ type: "reaction", as: me.id, channel: message.channel, ts: message.ts, name });
      if (!answer.ok) say(answer.error ?? "");
    },
    [me.id, message.channel, message.ts, say],
  );
  const ephemeral = message.ephemeral_for !== null;
  const compact = follows && !pinned && !ephemeral;
  const className = ["message", ephemeral && "ephemeral", compact && "compact", pinned && "pinned"].filter(Boolean).join(" ");
  return (
    <article
      className={className}
      data-testid="message"
      data-ts={message.ts}
      data-user={message.user}
      data-ephemeral={ephemeral}
      aria-label={`${author?.name ?? message.user}, ${timeOfDay(at)}`}
    >
      {pinned && <p className="message-mark"><Icon name="pin" size={13} /> Pinned</p>}
      {ephemeral && <p className="message-mark"><Icon name="eye" size={13} /> Only visible to you</p>}
      <div className="message-gutter">
        {compact ? <time className="message-time">{timeOfDay(at)}</time> : <Avatar user={author} />}
      </div>
      <div className="message-body">
        {!compact && (
          <header className="message-head">
            <strong>{author?.name ?? message.user}</strong>
            {author?.is_bot && <span className="badge">APP</span>}
            <time className="message-time" dateTime={new Date(at).toISOString()} title={new Date(at).toString()}>
              {timeOfDay(at)}
            </time>
          </header>
        )}
        <Content message={message} />
        <Files files={message.files} />
        {ephemeral && (
          <button type="button" className="link" onClick={() => onDismiss(message.ts)}>
            Dismiss message
          </button>
        )}
        {message.reactions.length > 0 && (
          <div className="reactions">
            {message.reactions.map(({ name, users: by }) => (
              <button
                key={name}
                type="button"
                className="reaction"
                aria-pressed={by.includes(me.id)}
                aria-label={`${name}, ${by.length}: ${by.map((id) => users.find((user) => user.id === id)?.name ?? id).join(", ")}`}
                onClick={() => void react(name)}
              >
                {emojiFor(name) ?? `:${name}:`} {by.length}
              </button>
            ))}
          </div>
        )}
        {!inThread && replies + privateReplies > 0 && (
          <button type="button" className="replies" onClick={() => openThread(message.ts)}>
            {replies > 0 && <b>{replies === 1 ? "1 reply" : `${replies} replies`}</b>}
            {privateReplies > 0 && <b className="private">{privateReplies} only visible to you</b>}
            {lastReply && <span>Last {timeOfDay(Number(lastReply) * 1000)}</span>}
          </button>
        )}
      </div>
      {!ephemeral && <MessageTools message={message} inThread={inThread} onReact={react} />}
    </article>
  );
});

function Content({ message }: { message: ChatMessage }) {
  const { me } = useUi();
  const [typed, setTyped] = useState<FormValues>({});
  const { channel, ts, blocks, text } = message;
  return (
    <div className="message-content">
      {blocks.length > 0 ? (
        <BlockHost container={{ type: "message", channel, ts }} blocks={blocks} me={me.id} typed={typed} onType={setTyped}>
          <Blocks blocks={blocks} />
        </BlockHost>
      ) : (
        text && <Text text={{ type: "mrkdwn", text }} />
      )}
      {message.edited && <span className="edited">(edited)</span>}
    </div>
  );
}
