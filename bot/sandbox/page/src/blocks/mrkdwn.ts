import type { RichTextBlockElement, RichTextSectionElement } from "slack-blocks-to-jsx";
import { emojiFor } from "../parts/emoji";
import type { TextObject } from "../state/types";

interface Style {
  bold?: boolean;
  italic?: boolean;
  strike?: boolean;
}

const FENCE = /```([\s\S]*?)```/g;
const QUOTED = /^(?:>|&gt;) ?/;
// In order of precedence: code, <special>, :emoji:, a bare address, then the three paired marks.
const CODE = "`([^`\\n]+)`";
const SPECIAL = "<([^<>\\n]+)>";
const EMOJI = ":([a-z0-9_+-]+(?:::skin-tone-\\d)?):";
const ADDRESS = "(https?:\\/\\/[^\\s<>|`]+[^\\s<>|`.,;:!?)\\]'\"])";
const PAIRED = "(?<![\\p{L}\\p{N}*_~])([*_~])(?=\\S)((?:(?!\\7)[^\\n])*?[^\\s])\\7(?![\\p{L}\\p{N}*_~])";
// The empty groups keep the number of the mark's group where the back-reference expects it.
const INLINE = new RegExp(`${CODE}|${SPECIAL}|${EMOJI}|${ADDRESS}|()()${PAIRED}`, "gu");

/** Turns a text object into rich text, which the renderer draws without guessing at marks. */
export function richText(text: TextObject): RichTextBlockElement[] {
  if (text.type === "plain_text") return [{ type: "rich_text_section", elements: plain(text.text) }];
  const parts: RichTextBlockElement[] = [];
  let at = 0;
  for (const fence of text.text.matchAll(FENCE)) {
    parts.push(...paragraphs(text.text.slice(at, fence.index).replace(/\n$/, "")));
    const code = (fence[1] ?? "").replace(/^\n|\n$/g, "");
    parts.push({ type: "rich_text_preformatted", elements: [{ type: "text", text: unescaped(withoutSpecials(code)) }] });
    at = fence.index + fence[0].length;
  }
  parts.push(...paragraphs(text.text.slice(at).replace(at > 0 ? /^\n/ : /$^/, "")));
  return parts;
}

function plain(text: string): RichTextSectionElement[] {
  return pieces(text, new RegExp(EMOJI, "g"), (found) => emoji(found[1] ?? "") ?? { type: "text", text: found[0] });
}

/** Separates quoted lines from the rest. */
function paragraphs(text: string): RichTextBlockElement[] {
  if (text === "") return [];
  const runs: { quoted: boolean; lines: string[] }[] = [];
  for (const line of text.split("\n")) {
    const quoted = QUOTED.test(line);
    const last = runs.at(-1);
    if (last?.quoted === quoted) last.lines.push(line);
    else runs.push({ quoted, lines: [line] });
  }
  return runs.map(({ quoted, lines }) => ({
    type: quoted ? "rich_text_quote" : "rich_text_section",
    elements: inline(lines.map((line) => (quoted ? line.replace(QUOTED, "") : line)).join("\n"), {}),
  }));
}

function inline(text: string, style: Style): RichTextSectionElement[] {
  return pieces(text, INLINE, (found) => {
    const [whole, code, special, name, address, , , mark, inner] = found;
    if (code !== undefined) return { type: "text", text: unescaped(withoutSpecials(code)), style: { ...style, code: true } };
    if (special !== undefined) return specialOf(special, style);
    if (name !== undefined) return emoji(name) ?? { type: "text", text: whole, style };
    if (address !== undefined) return { type: "link", url: unescaped(address), style };
    const more: Style = mark === "*" ? { bold: true } : mark === "_" ? { italic: true } : { strike: true };
    return inline(inner ?? "", { ...style, ...more });
  }, style);
}

type Piece = RichTextSectionElement | RichTextSectionElement[];

function pieces(text: string, pattern: RegExp, make: (found: RegExpExecArray) => Piece, style: Style = {}): RichTextSectionElement[] {
  const made: RichTextSectionElement[] = [];
  let at = 0;
  for (const found of text.matchAll(pattern)) {
    if (found.index > at) made.push({ type: "text", text: unescaped(text.slice(at, found.index)), style });
    made.push(...[make(found)].flat());
    at = found.index + found[0].length;
  }
  if (at < text.length) made.push({ type: "text", text: unescaped(text.slice(at)), style });
  return made;
}

/** What stands between angle brackets: a person, a channel, a group, everybody, a date or a link. */
function specialOf(body: string, style: Style): RichTextSectionElement {
  const [target = "", ...rest] = body.split("|");
  const label = rest.length > 0 ? unescaped(rest.join("|")) : undefined;
  if (target.startsWith("@")) return { type: "user", user_id: target.slice(1), style };
  if (target.startsWith("#")) return { type: "channel", channel_id: target.slice(1), style };
  if (target === "!here" || target === "!channel" || target === "!everyone") {
    return { type: "broadcast", range: target.slice(1) as "here", style };
  }
  if (target.startsWith("!subteam^")) {
    return { type: "usergroup", usergroup_id: label?.replace(/^@/, "") ?? target.slice("!subteam^".length), style };
  }
  if (target.startsWith("!date^")) {
    const [, seconds = "", format = ""] = target.split("^");
    const timestamp = Number(seconds);
    return Number.isFinite(timestamp) && seconds !== ""
      ? { type: "date", timestamp, format: unescaped(format), style }
      : { type: "text", text: label ?? format, style };
  }
  if (target.startsWith("!")) return { type: "text", text: label ?? `<${body}>`, style };
  return { type: "link", url: unescaped(target), text: label ?? unescaped(target).replace(/^mailto:/, ""), style };
}

function emoji(name: string): RichTextSectionElement | null {
  return emojiFor(name) === undefined ? null : { type: "emoji", name };
}

/** Inside code Slack shows a link's address and a mention's id as they are. */
function withoutSpecials(code: string): string {
  return code.replace(/<([^<>|\n]+)(?:\|([^<>\n]*))?>/g, (_, target: string, label?: string) => label ?? target);
}

function unescaped(text: string): string {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}
