import type { User } from "../state/types";

const HUES = [205, 160, 28, 265, 340, 95, 185, 50];

/** A person's initials on a quiet colour of their own; the bot has its mark. */
export function Avatar({ user, size = 36 }: { user: User | undefined; size?: number }) {
  const style = { width: size, height: size, fontSize: size * 0.38 };
  if (user?.is_bot && user.id !== "USLACKBOT") {
    return (
      <span className="avatar bot" style={style} aria-hidden="true">
        <svg viewBox="0 0 32 32" width="62%" height="62%">
          <path d="M6 24V9l10 9 10-9v15" fill="none" stroke="currentColor" strokeWidth="4" strokeLinejoin="round" strokeLinecap="round" />
        </svg>
      </span>
    );
  }
  const name = user?.name ?? "?";
  const initials = name.split(/[\s-]+/).map((word) => word[0] ?? "").join("").slice(0, 2).toUpperCase();
  const hue = HUES[[...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % HUES.length];
  return (
    <span className="avatar" style={{ ...style, "--hue": hue } as React.CSSProperties} aria-hidden="true">
      {initials}
    </span>
  );
}
