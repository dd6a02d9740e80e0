import { useState, type KeyboardEvent } from "react";
import { usePopover } from "../parts/popover";
import type { Act } from "../state/act";
import { useWorkspace } from "../state/store";
import type { FaultParams } from "../state/types";

const WORDS: Readonly<Record<string, { title: string; says: string }>> = {
  rate_limit: { title: "Rate limit", says: "Slack answers 429 with Retry-After" },
  server_error: { title: "Server error", says: "Slack answers 500" },
  delay: { title: "Delay", says: "Slack answers late" },
  drop_after_store: { title: "Drop after store", says: "The message is stored, then the connection breaks" },
  socket_disconnect: { title: "Disconnect", says: "Slack closes the Socket Mode connection" },
  redeliver: { title: "Redeliver", says: "The last event is sent to the bot again" },
};

/** Switches for what can go wrong between Slack and the bot. */
export function FaultsMenu({ run }: { run: (what: Act) => Promise<void> }) {
  const { faults } = useWorkspace();
  const { open, setOpen, close, anchor, panel, style } = usePopover("end");
  const on = Object.values(faults).filter((fault) => fault.on === true).length;

  function onKey(event: KeyboardEvent) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    close();
  }

  return (
    <>
      <button
        ref={anchor}
        type="button"
        className={on > 0 ? "top-btn warn" : "top-btn"}
        data-testid="faults"
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        Faults{on > 0 ? `: ${on} on` : ""}
      </button>
      {open && (
        <div ref={panel} className="popover faults" role="dialog" aria-label="Faults" style={style} onKeyDown={onKey}>
          <p className="popover-heading">What goes wrong between Slack and the bot</p>
          {Object.entries(faults).map(([name, fault]) => (
            <Fault key={name} name={name} fault={fault} run={run} />
          ))}
        </div>
      )}
    </>
  );
}

interface FaultProps {
  name: string;
  fault: FaultParams & { on?: boolean };
  run: (what: Act) => Promise<void>;
}

function Fault({ name, fault, run }: FaultProps) {
  const { on = false, ...stored } = fault;
  const [params, setParams] = useState<FaultParams>(stored);
  const words = WORDS[name] ?? { title: name, says: "" };
  const isOn = on === true;

  function send(next: boolean) {
    void run({ type: "fault", name, on: next, params: next ? params : {} });
  }

  if (Object.keys(params).length === 0) {
    return (
      <div className="fault once">
        <span>
          <b>{words.title}</b>
          <small>{words.says}</small>
        </span>
        <button type="button" className="btn" data-testid={`fault-${name}`} aria-label={`${words.title} now`} onClick={() => send(true)}>
          Now
        </button>
      </div>
    );
  }
  return (
    <div className="fault">
      <label className="switch">
        <input type="checkbox" role="switch" data-testid={`fault-${name}`} checked={isOn} onChange={(event) => send(event.target.checked)} />
        <span>
          <b>{words.title}</b>
          <small>{words.says}</small>
        </span>
      </label>
      {Object.entries(params).map(([key, value]) => (
        <label key={key} className="fault-param">
          <span>{key.replaceAll("_", " ")}</span>
          <input
            className="field"
            type={typeof value === "number" ? "number" : "text"}
            value={String(value ?? "")}
            disabled={isOn}
            onChange={(event) =>
              setParams({ ...params, [key]: typeof value === "number" ? Number(event.target.value) : event.target.value })
            }
          />
        </label>
      ))}
    </div>
  );
}
