import { emojiFor } from "./emoji";

/** Stands in for node-emoji's `emojify` inside the block renderer: known shortcodes become characters. */
export function emojify(text: string): string {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name: string) => emojiFor(name) ?? whole);
}
