import { AppPlace } from "./chat/Home";
import { ChannelView } from "./chat/ChannelView";
import { ModalLayer } from "./chat/Modal";
import { useReading } from "./chat/reading";
import { Sidebar } from "./chat/Sidebar";
import { Icon } from "./parts/Icon";
import { usePhone } from "./parts/usePhone";
import { useLive, useWorkspace } from "./state/store";
import { appBot, otherEnd, UiProvider, useUi, type Column } from "./state/ui";
import { TopBar } from "./top/TopBar";
import { Tour } from "./top/Tour";
import { WirePanel } from "./wire/WirePanel";

/** Waits for the first snapshot, then shows the workspace. */
export function App() {
  const { state } = useLive();
  if (state === null) {
    return (
      <p className="waiting" role="status">
        <span className="spinner" aria-hidden="true" /> Connecting to the workspace…
      </p>
    );
  }
  return (
    <UiProvider>
      <Page />
    </UiProvider>
  );
}

const COLUMNS: readonly { key: Column; label: string }[] = [
  { key: "places", label: "Channels" },
  { key: "chat", label: "Messages" },
  { key: "wire", label: "The wire" },
];

function Page() {
  const state = useWorkspace();
  const { connected } = useLive();
  const { me, place, column, showColumn, notice, say, thread } = useUi();
  const phone = usePhone();
  const unreadOf = useReading(state, me.id, place.kind === "channel" ? place.id : null);
  return (
    <div className="page" data-column={column} data-thread={thread !== null}>
      <TopBar unreadOf={unreadOf} />
      {!connected && (
        <p className="banner" role="status">
          The connection to the workspace is lost. Trying again; what you see is the last known state.
        </p>
      )}
      {notice && (
        <p className="banner" role="alert">
          {notice}
          <button type="button" className="icon-btn" aria-label="Dismiss" onClick={() => say("")}>
            <Icon name="close" />
          </button>
        </p>
      )}
      <nav className="columns" aria-label="Columns">
        {COLUMNS.map(({ key, label }) => (
          <button key={key} type="button" data-testid={`tab-${key}`} aria-current={column === key ? "page" : undefined} onClick={() => showColumn(key)}>
            {label}
          </button>
        ))}
      </nav>
      <Sidebar unreadOf={unreadOf}>{!phone && <Tour folds={false} />}</Sidebar>
      <main className="middle">
        {phone && <Tour folds />}
        <Middle />
      </main>
      <WirePanel />
      <ModalLayer />
    </div>
  );
}

function Middle() {
  const state = useWorkspace();
  const { me, place } = useUi();
  if (place.kind === "home") return <AppPlace tab="home" />;
  const channel = state.channels.find((each) => each.id === place.id);
  if (channel === undefined) return null;
  const withBot = channel.is_im && otherEnd(channel, me.id) === appBot(state)?.id;
  return withBot ? <AppPlace tab="messages" /> : <ChannelView key={channel.id} channel={channel} />;
}
