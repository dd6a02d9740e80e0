const PATHS = {
  lock: "M6 9V6.5a4 4 0 0 1 8 0V9M4.5 9h11v8h-11z",
  pin: "M12.5 3 17 7.5l-3 1-3 3-.5 4L4.5 9.5l4-.5 3-3zM7.5 12.5 3 17",
  bookmark: "M5.5 3h9v14L10 13.5 5.5 17z",
  eye: "M2 10s3-5.5 8-5.5S18 10 18 10s-3 5.5-8 5.5S2 10 2 10zM10 12.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z",
  reply: "M3 4h14v9H9l-4 3v-3H3z",
  smile: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM7.5 8v.6M12.5 8v.6M6.8 11.5c1.6 2.4 4.8 2.4 6.4 0",
  more: "M10 4.5v.1M10 10v.1M10 15.5v.1",
  plus: "M10 4v12M4 10h12",
  send: "M3 4l14 6-14 6 2.5-6zM5.5 10H17",
  close: "M5 5l10 10M15 5 5 15",
  back: "M12 4l-6 6 6 6",
  sun: "M10 13.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.4 1.4M14.3 14.3l1.4 1.4M4.3 15.7l1.4-1.4M14.3 5.7l1.4-1.4",
  moon: "M16 12A6.5 6.5 0 0 1 8 4a6.5 6.5 0 1 0 8 8z",
  up: "M5 12l5-5 5 5",
  down: "M5 8l5 5 5-5",
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing, so that the page looks the same where no emoji font is installed. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" width={size} height={size} aria-hidden="true">
      <path d={PATHS[name]} fill="none" stroke="currentColor" strokeWidth={name === "more" ? 2.6 : 1.6} strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
