/** Times as people say them. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** From here on a date says more than a number of days. */
const MAX_DAYS_AGO = 7;

/** "just now", "5 min ago", "3 h ago", "yesterday", "4 days ago", then the date. Times in ms since 1970. */
export function ago(then: number, now: number): string {
  const passed = Math.max(0, now - then);
  if (passed < 45 * SECOND) return "just now";
  if (passed < HOUR) return `${Math.max(1, Math.round(passed / MINUTE))} min ago`;
  if (passed < DAY) return `${Math.round(passed / HOUR)} h ago`;
  const days = Math.floor(passed / DAY);
  if (days === 1) return "yesterday";
  return days < MAX_DAYS_AGO ? `${days} days ago` : `on ${day(then, now)}`;
}

/** "12 May", and the year where it is another one. */
export function day(then: number, now: number): string {
  const date = new Date(then);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
  });
}

/** "12 May 2025, 09:34", in the reader's time zone, to stand beside a relative time. */
export function exact(then: number): string {
  return new Date(then).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

/** Whole seconds until `then`, never below 0. */
export function secondsUntil(then: number, now: number): number {
  return Math.max(0, Math.ceil((then - now) / SECOND));
}
