import { Menu } from "../parts/Menu";
import { emojiFor, QUICK_REACTIONS } from "../parts/emoji";
import { Icon } from "../parts/Icon";
import { act } from "../state/act";
import { usePart } from "../state/store";
import type { ChatMessage } from "../state/types";
import { useUi } from "../state/ui";

interface Props {
  message: ChatMessage;
  inThread: boolean;
  onReact: (name: string) => Promise<void>;
}

/** The small bar on a message: react, reply, and the app's message shortcuts. */
export function MessageTools({ message, inThread, onReact }: Props) {
  const shortcuts = usePart("shortcuts");
  const { me, openThread, say } = useUi();
  const { channel, ts } = message;

  async function run(callback_id: string) {
    const answer = await act({ type: "message_shortcut", as: me.id, callback_id, channel, ts });
    if (!answer.ok) say(answer.error ?? "");
  }

  return (
    <div className="message-tools" role="group" aria-label="Message actions">
      <Menu
        label="Add reaction"
        align="end"
        items={QUICK_REACTIONS.map((name) => ({
          key: name,
          label: `${emojiFor(name)}  ${name.replaceAll("_", " ")}`,
          onPick: () => void onReact(name),
        }))}
      >
        <Icon name="smile" />
      </Menu>
      {!inThread && (
        <button
          type="button"
          className="icon-btn"
          aria-label="Reply in thread"
          title="Reply in thread"
          onClick={() => openThread(message.thread_ts ?? ts)}
        >
          <Icon name="reply" />
        </button>
      )}
      <Menu
        label="More message actions"
        align="end"
        items={shortcuts.message.map(({ callback_id, name }) => ({
          key: callback_id,
          label: name,
          hint: "Muster",
          onPick: () => void run(callback_id),
        }))}
      >
        <Icon name="more" />
      </Menu>
    </div>
  );
}
