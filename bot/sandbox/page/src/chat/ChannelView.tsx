import { useMemo } from "react";
import { Icon } from "../parts/Icon";
import { act } from "../state/act";
import { useWorkspace } from "../state/store";
import type { Channel, ChatMessage } from "../state/types";
import { otherEnd, useUi } from "../state/ui";
import { TourOffer } from "../top/Tour";
import { Composer } from "./Composer";
import { MessageList } from "./MessageList";
import { ThreadPane } from "./ThreadPane";

/** A conversation: its head, bookmarks, messages, composer, and beside them an open thread. */
export function ChannelView({ channel, tabs }: { channel: Channel; tabs?: React.ReactNode }) {
  const state = useWorkspace();
  const { me, thread, openThread, say } = useUi();
  const messages = state.messages[channel.id] ?? EMPTY;
  const other = channel.is_im ? state.users.find((user) => user.id === otherEnd(channel, me.id)) : undefined;
  const title = other ? other.name : channel.name;
  const { roots, replies } = useMemo(() => split(messages), [messages]);
  const root = thread === null ? undefined : roots.find((message) => message.ts === thread);
  const joined = channel.is_im || channel.members.includes(me.id);

  async function join() {
    const answer = await act({ type: "join", as: me.id, channel: channel.id });
    if (!answer.ok) say(answer.error ?? "");
  }

  return (
    <div className={root ? "chat with-thread" : "chat"}>
      <section className="conversation" aria-label={other ? `Conversation with ${title}` : `Channel ${title}`}>
        <header className="chat-head">
          <h1>
            {!other && (channel.is_private ? <Icon name="lock" /> : "#")} {title}
          </h1>
          <p>{other ? other.title : channel.topic}</p>
          {!channel.is_im && <span className="faint members">{channel.members.length} members</span>}
        </header>
        {tabs}
        <Bookmarks channel={channel} messages={messages} onOpen={openThread} />
        <MessageList
          key={channel.id}
          label={`Messages in ${title}`}
          messages={roots}
          replies={replies}
          pins={channel.pins}
          inThread={false}
          before={roots.length === 0 && <Beginning channel={channel} title={title} />}
        />
        {channel.archived ? (
          <p className="composer-note">This channel is archived. It can be read, not written to.</p>
        ) : joined ? (
          <Composer channel={channel} placeholder={other ? `Message ${title}` : `Message #${title}`} />
        ) : (
          <p className="composer-note">
            You are not in #{title}.{" "}
            <button type="button" className="btn primary" onClick={() => void join()}>
              Join channel
            </button>
          </p>
        )}
      </section>
      {root && <ThreadPane channel={channel} title={title} root={root} replies={replies.get(root.ts) ?? EMPTY} />}
    </div>
  );
}

const EMPTY: ChatMessage[] = [];

/** Replies hang under their root; a reply to nothing known, and anything broadcast, stands alone. */
function split(messages: readonly ChatMessage[]) {
  const roots: ChatMessage[] = [];
  const replies = new Map<string, ChatMessage[]>();
  for (const message of messages) {
    if (message.thread_ts === null || message.thread_ts === message.ts) roots.push(message);
    else replies.set(message.thread_ts, [...(replies.get(message.thread_ts) ?? []), message]);
  }
  return { roots: roots.filter((root) => !root.deleted || replies.has(root.ts)).map(tombstone), replies };
}

/** A deleted message whose thread goes on leaves its place marked. */
function tombstone(message: ChatMessage): ChatMessage {
  if (!message.deleted) return message;
  return { ...message, deleted: false, text: "_This message was deleted._", blocks: [], files: [], reactions: [] };
}

function Bookmarks({ channel, messages, onOpen }: { channel: Channel; messages: readonly ChatMessage[]; onOpen: (ts: string) => void }) {
  const pinned = messages.filter((message) => channel.pins.includes(message.ts) && !message.deleted);
  if (channel.bookmarks.length === 0 && pinned.length === 0) return null;
  return (
    <nav className="bookmarks" aria-label="Bookmarks and pins">
      {channel.bookmarks.map(({ title, link }) => (
        <a key={`${title} ${link}`} href={link} target="_blank" rel="noreferrer">
          <Icon name="bookmark" size={14} /> {title}
        </a>
      ))}
      {pinned.map((message) => (
        <button key={message.ts} type="button" onClick={() => onOpen(message.ts)}>
          <Icon name="pin" size={14} /> <span>{firstWords(message)}</span>
        </button>
      ))}
    </nav>
  );
}

function firstWords(message: ChatMessage): string {
  const text = message.blocks.find((block) => block.type === "header")?.text?.text ?? message.text;
  return text.replace(/<[^>]*>/g, "").slice(0, 60);
}

function Beginning({ channel, title }: { channel: Channel; title: string }) {
  return (
    <div className="beginning">
      <h2>{channel.is_im ? title : `# ${title}`}</h2>
      <p>{channel.is_im ? "This is the beginning of your conversation." : "Nothing has happened here yet."}</p>
      {channel.name === "incidents" && (
        <p>
          Type <kbd>/incident declare P1 API down</kbd> below, or break the service above and see its alert arrive here.
        </p>
      )}
      {channel.name === "incidents" && <TourOffer />}
    </div>
  );
}
