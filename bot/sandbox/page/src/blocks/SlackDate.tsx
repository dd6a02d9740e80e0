import { domainNow, useDomainNow } from "../state/clock";

interface Props {
  seconds: number;
  format: string;
  link?: string | null;
  fallback: string;
}

const DAY_MS = 86_400_000;

/** Shows a Slack date in the viewer's zone; `{ago}` counts along with the domain clock. */
export function SlackDate({ seconds, format, link, fallback }: Props) {
  const text = format.includes("{ago}") ? <Counting seconds={seconds} format={format} /> : slackDate(seconds, format);
  const time = Number.isFinite(seconds) ? (
    <time dateTime={new Date(seconds * 1000).toISOString()} title={fallback}>
      {text}
    </time>
  ) : (
    fallback
  );
  return link ? (
    <a href={link} target="_blank" rel="noreferrer">
      {time}
    </a>
  ) : (
    <>{time}</>
  );
}

function Counting({ seconds, format }: { seconds: number; format: string }) {
  useDomainNow(1000);
  return <>{slackDate(seconds, format)}</>;
}

/** Fills a Slack date format such as `{date_short_pretty} at {time}`. */
export function slackDate(seconds: number, format: string): string {
  const date = new Date(seconds * 1000);
  const day = (options: Intl.DateTimeFormatOptions) => date.toLocaleDateString("en-GB", options);
  const medium = day({ month: "long", day: "numeric", year: "numeric" });
  const short = day({ month: "short", day: "numeric", year: "numeric" });
  const long = day({ weekday: "long", month: "long", day: "numeric", year: "numeric" });
  const time = (extra: Intl.DateTimeFormatOptions = {}) =>
    date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", ...extra });
  const tokens: Record<string, () => string> = {
    date_num: () => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
    date_slash: () => `${two(date.getDate())}/${two(date.getMonth() + 1)}/${date.getFullYear()}`,
    date: () => medium,
    date_short: () => short,
    date_long: () => long,
    date_pretty: () => pretty(date) ?? medium,
    date_short_pretty: () => pretty(date) ?? short,
    date_long_pretty: () => pretty(date) ?? long,
    time: () => time(),
    time_secs: () => time({ second: "2-digit" }),
    ago: () => ago(date),
    day_divider_pretty: () => pretty(date) ?? long,
  };
  return format.replace(/\{(\w+)\}/g, (whole, token: string) => tokens[token]?.() ?? whole);
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}

function pretty(date: Date): string | null {
  const midnight = new Date(domainNow());
  midnight.setHours(0, 0, 0, 0);
  const days = Math.floor((date.getTime() - midnight.getTime()) / DAY_MS);
  return days === 0 ? "today" : days === -1 ? "yesterday" : days === 1 ? "tomorrow" : null;
}

function ago(date: Date): string {
  const ms = date.getTime() - domainNow();
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  if (minutes < 1) return ms > 0 ? "in less than a minute" : "just now";
  const span =
    minutes < 60
      ? `${minutes} min`
      : minutes < 1440
        ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
        : `${Math.floor(minutes / 1440)} d`;
  return ms > 0 ? `in ${span}` : `${span} ago`;
}
