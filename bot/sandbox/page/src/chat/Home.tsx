import { useEffect, useState } from "react";
import { Blocks } from "../blocks/Blocks";
import { BlockHost } from "../elements/host";
import { act } from "../state/act";
import { useWorkspace } from "../state/store";
import type { FormValues, View } from "../state/types";
import { appBot, directMessage, useUi } from "../state/ui";
import { ChannelView } from "./ChannelView";

/** The bot's own corner: its Home, and the conversation with it. */
export function AppPlace({ tab }: { tab: "home" | "messages" }) {
  const state = useWorkspace();
  const { me, openPlace, openPerson } = useUi();
  const bot = appBot(state);
  const im = bot && directMessage(state, me.id, bot.id);
  const tabs = (
    <div className="tabs" role="tablist" aria-label={bot?.name}>
      <button type="button" role="tab" aria-selected={tab === "home"} onClick={() => openPlace({ kind: "home" })}>
        Home
      </button>
      <button type="button" role="tab" aria-selected={tab === "messages"} onClick={() => bot && void openPerson(bot.id)}>
        Messages
      </button>
    </div>
  );
  if (tab === "messages" && im) return <ChannelView channel={im} tabs={tabs} />;
  return (
    <div className="chat">
      <section className="conversation" aria-label="App Home">
        <header className="chat-head">
          <h1>{bot?.name ?? "App"}</h1>
          <span className="badge">APP</span>
          <p>{bot?.title}</p>
        </header>
        {tabs}
        <HomeTab key={me.id} view={state.homes[me.id] ?? null} me={me.id} />
      </section>
    </div>
  );
}

function HomeTab({ view, me }: { view: View | null; me: string }) {
  const [typed, setTyped] = useState<FormValues>({});
  const [error, setError] = useState("");
  useEffect(() => {
    void act({ type: "open_home", as: me }).then((answer) => setError(answer.ok ? "" : (answer.error ?? "")));
  }, [me]);
  return (
    <div className="home" tabIndex={0} role="tabpanel" aria-label="Home">
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      {view ? (
        <BlockHost container={{ type: "view", view_id: view.id }} blocks={view.blocks} me={me} typed={typed} onType={setTyped}>
          <Blocks blocks={view.blocks} />
        </BlockHost>
      ) : (
        <p className="faint">The bot has not published a Home for you yet.</p>
      )}
    </div>
  );
}
