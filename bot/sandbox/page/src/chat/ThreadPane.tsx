import { useEffect } from "react";
import { Icon } from "../parts/Icon";
import type { Channel, ChatMessage } from "../state/types";
import { useUi } from "../state/ui";
import { Composer } from "./Composer";
import { MessageList } from "./MessageList";

interface Props {
  channel: Channel;
  title: string;
  root: ChatMessage;
  replies: readonly ChatMessage[];
}

/** A message with its replies, beside the channel. */
export function ThreadPane({ channel, title, root, replies }: Props) {
  const { openThread } = useUi();
  useEffect(() => {
    const leave = (event: KeyboardEvent) => {
      const busy = document.querySelector("dialog[open], .popover") !== null;
      if (event.key === "Escape" && !event.defaultPrevented && !busy) openThread(null);
    };
    document.addEventListener("keydown", leave);
    return () => document.removeEventListener("keydown", leave);
  }, [openThread]);
  return (
    <section className="thread" data-testid="thread-pane" aria-label="Thread">
      <header className="chat-head">
        <h2>Thread</h2>
        <p>{channel.is_im ? title : `#${title}`}</p>
        <button type="button" className="icon-btn" aria-label="Close thread" onClick={() => openThread(null)}>
          <Icon name="close" />
        </button>
      </header>
      <MessageList key={root.ts} label="Messages in this thread" messages={[root, ...replies]} pins={[]} inThread />
      <Composer key={root.ts} channel={channel} thread={root.ts} placeholder="Reply…" />
    </section>
  );
}
