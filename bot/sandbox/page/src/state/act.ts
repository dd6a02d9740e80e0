import type { Container, FieldValue, FormValues, Option, OptionGroup } from "./types";

export type Act =
  | { type: "message"; as: string; channel: string; text: string; thread_ts?: string }
  | { type: "command"; as: string; channel: string; text: string; thread_ts?: string }
  | { type: "block_action"; as: string; container: Container; action: FieldValue; state: { values: FormValues } }
  | { type: "view_submit"; as: string; view_id: string; state: { values: FormValues } }
  | { type: "view_close"; as: string; view_id: string }
  | { type: "options"; as: string; container: Container; block_id: string; action_id: string; query: string }
  | { type: "shortcut"; as: string; callback_id: string; channel?: string }
  | { type: "message_shortcut"; as: string; callback_id: string; channel: string; ts: string }
  | { type: "reaction"; as: string; channel: string; ts: string; name: string }
  | { type: "open_home"; as: string }
  | { type: "open_im"; as: string; user: string }
  | { type: "join"; as: string; channel: string }
  | { type: "clock"; rate: number }
  | { type: "clock_skip" }
  | { type: "service"; do: "break" | "repair" }
  | { type: "bot"; do: "kill" | "start" }
  | { type: "fault"; name: string; on: boolean; params: Record<string, unknown> };

export interface Answer {
  ok: boolean;
  error?: string;
  errors?: Record<string, string>;
  options?: Option[];
  option_groups?: OptionGroup[];
  channel?: string;
}

const UNREACHABLE = "The workspace did not answer. Check that `muster sandbox` is still running, then try again.";

/** Sends one act of a person and returns the workspace's answer; a broken connection becomes a sentence too. */
export async function act(body: Act): Promise<Answer> {
  try {
    const response = await fetch("/act", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Answer;
    if (answer.ok || answer.errors !== undefined || answer.error !== undefined) return answer;
    return { ...answer, error: "The workspace refused this without saying why." };
  } catch {
    return { ok: false, error: UNREACHABLE };
  }
}
