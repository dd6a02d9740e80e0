import { Icon } from "../parts/Icon";
import { act, type Act } from "../state/act";
import { useWorkspace } from "../state/store";
import { useUi } from "../state/ui";
import { totalMentions, type Unread } from "../chat/reading";
import { ClockControl } from "./ClockControl";
import { FaultsMenu } from "./FaultsMenu";

/** Who I am, what time it is in the simulated world, how the service and the bot fare, and what to break. */
export function TopBar({ unreadOf }: { unreadOf: (user: string, channel: string) => Unread }) {
  const { say, theme, toggleTheme } = useUi();

  async function run(what: Act) {
    const answer = await act(what);
    say(answer.ok ? "" : (answer.error ?? ""));
  }

  return (
    <header className="topbar">
      <div className="brand">
        <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
          <path d="M6 24V9l10 9 10-9v15" fill="none" stroke="currentColor" strokeWidth="3.6" strokeLinejoin="round" strokeLinecap="round" />
        </svg>
        <b>Muster</b>
        <span className="simulated">Simulated workspace</span>
      </div>
      <Identity unreadOf={unreadOf} />
      <ClockControl run={run} />
      <ServiceControl run={run} />
      <BotControl run={run} />
      <div className="topbar-end">
        <FaultsMenu run={run} />
        <button
          type="button"
          className="top-btn icon"
          data-testid="theme-toggle"
          aria-label={theme === "dark" ? "Use light colours" : "Use dark colours"}
          title={theme === "dark" ? "Use light colours" : "Use dark colours"}
          onClick={toggleTheme}
        >
          <Icon name={theme === "dark" ? "sun" : "moon"} />
        </button>
      </div>
    </header>
  );
}

function Identity({ unreadOf }: { unreadOf: (user: string, channel: string) => Unread }) {
  const state = useWorkspace();
  const { me, become } = useUi();
  const people = state.users.filter((user) => !user.is_bot);
  return (
    <label className="identity">
      <span>You are</span>
      <select data-testid="identity-select" aria-label="You are" value={me.id} onChange={(event) => become(event.target.value)}>
        {people.map((user) => {
          const waiting = user.id === me.id ? 0 : totalMentions(state, user.id, unreadOf);
          return (
            <option key={user.id} value={user.id} title={user.title}>
              {user.name}
              {` · @${user.handle}`}
              {waiting > 0 ? ` (${waiting} new)` : ""}
            </option>
          );
        })}
      </select>
    </label>
  );
}

function ServiceControl({ run }: { run: (what: Act) => Promise<void> }) {
  const { service } = useWorkspace();
  const name = service.name || "service";
  return (
    <div className="control" role="group" aria-label={`Service ${name}`}>
      <span className={service.healthy ? "state good" : "state bad"} data-testid="service-state" role="status">
        <span aria-hidden="true">{service.healthy ? "●" : "▲"}</span> {name} <b>{service.healthy ? "healthy" : "broken"}</b>
      </span>
      {service.healthy ? (
        <button type="button" className="top-btn danger" data-testid="service-break" onClick={() => void run({ type: "service", do: "break" })}>
          Break it
        </button>
      ) : (
        <span className="control-hint" data-testid="service-hint" title="Run the runbook in #incidents: its restart step repairs the service">
          the runbook repairs it
        </span>
      )}
    </div>
  );
}

function BotControl({ run }: { run: (what: Act) => Promise<void> }) {
  const { bot } = useWorkspace();
  const word = bot.ready ? "running" : bot.running ? "starting" : "stopped";
  const restarts = bot.restarts > 0 ? `, ${bot.restarts === 1 ? "1 restart" : `${bot.restarts} restarts`}` : "";
  return (
    <div className="control" role="group" aria-label="Bot process">
      <span className={bot.ready ? "state good" : "state bad"} data-testid="bot-state" role="status" title={`pid ${bot.pid ?? "none"}, ${bot.mode} mode`}>
        <span aria-hidden="true">{bot.ready ? "●" : "▲"}</span> bot <b>{word}</b>
        <span className="restarts">{restarts}</span>
      </span>
      {bot.running ? (
        <button type="button" className="top-btn danger" data-testid="bot-kill" title="Kill the bot's process with SIGKILL; it is started again after a moment" onClick={() => void run({ type: "bot", do: "kill" })}>
          Kill -9
        </button>
      ) : (
        <button type="button" className="top-btn" data-testid="bot-start" onClick={() => void run({ type: "bot", do: "start" })}>
          Start
        </button>
      )}
    </div>
  );
}
