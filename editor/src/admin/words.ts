/** Words of the admin page. */
import { isObject } from "../app/api/http.ts";
import { ago, day } from "../app/words/time.ts";
import type {
  Activity,
  AdminAgent,
  Alert,
  AuditRow,
  Door,
  LiveSession,
  Permission,
} from "./api.ts";

export const PERMISSION_WORDS: Readonly<Record<Permission, string>> = {
  read: "Read",
  create: "Create",
  edit: "Edit",
  delete: "Delete",
  full_access: "Everything",
};

const RULE_WORDS: Readonly<Record<string, string>> = {
  failed_keys: "Wrong keys",
  many_addresses: "Many addresses",
  mass_deletion: "Mass deletion",
  at_the_limit: "At the limit",
  refused: "Refused again and again",
  too_fast: "Too fast to follow",
};

const DOOR_WORDS: Readonly<Record<Door, string>> = {
  socket: "WebSocket",
  mcp_session: "MCP session",
  mcp_request: "MCP stream",
};

const SECONDS = { minute: 60, hour: 3_600, day: 86_400 } as const;

/** How long a replaced key may work on, in seconds. */
export const OVERLAPS = [
  { seconds: 0, words: "Not at all" },
  { seconds: SECONDS.hour, words: "For 1 hour" },
  { seconds: SECONDS.day, words: "For 1 day" },
  { seconds: 7 * SECONDS.day, words: "For 7 days" },
  { seconds: 30 * SECONDS.day, words: "For 30 days" },
] as const;

/** How far back the audit is shown, in seconds; null: from the beginning. */
export const SPANS = [
  { name: "hour", seconds: SECONDS.hour, words: "Last hour" },
  { name: "day", seconds: SECONDS.day, words: "Last 24 hours" },
  { name: "week", seconds: 7 * SECONDS.day, words: "Last 7 days" },
  { name: "month", seconds: 30 * SECONDS.day, words: "Last 30 days" },
  { name: "all", seconds: null, words: "All" },
] as const;
export type Span = (typeof SPANS)[number]["name"];

/** The moment from which on rows are asked for, to the minute, so that the question stays the same for a while. */
export function sinceOf(span: Span, now: number): string | null {
  const seconds = SPANS.find((each) => each.name === span)?.seconds ?? null;
  if (seconds === null) return null;
  const minute = 1_000 * SECONDS.minute;
  return new Date(Math.floor(now / minute) * minute - 1_000 * seconds).toISOString();
}

/** "Until 12 May", and what else there is to know of its key. */
export function keyWords(agent: AdminAgent, now: number): string {
  if (agent.keyPrefix === null) return "connected by the address";
  const old = agent.oldKeyUntil;
  return old === null
    ? agent.keyPrefix
    : `${agent.keyPrefix} · the old key works ${until(old, now)}`;
}

/** "until 12 May", or in hours where it is soon. */
export function until(then: number, now: number): string {
  const hours = (then - now) / (1_000 * SECONDS.hour);
  if (hours <= 0) return "no more";
  if (hours < 1) return `for ${Math.max(1, Math.round(60 * hours))} min`;
  return hours < 48 ? `for ${Math.round(hours)} h` : `until ${day(then, now)}`;
}

export function lastUsedWords(agent: AdminAgent, now: number): string {
  return agent.lastUsed === null ? "never used" : ago(agent.lastUsed, now);
}

export function doorWords(session: LiveSession): string {
  return session.door === "socket" && !session.isAgent ? "Editor" : DOOR_WORDS[session.door];
}

export function ruleWords(rule: string): string {
  return RULE_WORDS[rule] ?? rule;
}

/** The id of the agent that an alert is about; null where it is about something else. */
export function agentOf(alert: Alert): string | null {
  return alert.subject.startsWith("agent:") ? alert.subject.slice("agent:".length) : null;
}

/** "14 calls in the last 24 hours, 2 failed", for those who do not see the bars. */
export function activityWords(activity: Activity | null): string {
  const calls = sum(activity?.calls ?? []);
  if (calls === 0) return "No calls in the last 24 hours";
  const failed = sum(activity?.failed ?? []);
  const total = `${calls} ${calls === 1 ? "call" : "calls"} in the last 24 hours`;
  return failed === 0 ? total : `${total}, ${failed} failed`;
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** "14:05:09", and the day where it is another one. */
export function clock(then: number, now: number): string {
  const time = new Date(then).toLocaleTimeString("en-GB");
  const isToday = new Date(then).toDateString() === new Date(now).toDateString();
  return isToday ? time : `${day(then, now)}, ${time}`;
}

/** Who changed what the agent may do; null for what the agent did itself. */
export function changedBy({
  operation,
  data,
}: Pick<AuditRow, "operation" | "data">): string | null {
  if (!operation.startsWith("access.") || !isObject(data) || !isObject(data.by)) return null;
  const { id, name } = data.by;
  if (typeof name === "string") return name;
  return typeof id === "string" ? id : null;
}

/** "340 ms", "2.1 s". */
export function durationWords(ms: number | null): string {
  if (ms === null) return "";
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** What stands in a field for a day; the local end of that day in ms, null where it is empty or no day. */
export function endOfDay(field: string): number | null {
  const ms = field === "" ? Number.NaN : Date.parse(`${field}T23:59:59`);
  return Number.isNaN(ms) ? null : ms;
}

/** The local day of a moment as a field for days takes it. */
export function dayField(ms: number | null): string {
  if (ms === null) return "";
  const date = new Date(ms);
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return parts.map((part) => String(part).padStart(2, "0")).join("-");
}

/** With one permission switched; everything else goes with "Everything", and comes back without it. */
export function switched(
  permissions: readonly Permission[],
  one: Permission,
  on: boolean,
): readonly Permission[] {
  if (!on) return permissions.filter((each) => each !== one);
  return one === "full_access" ? ["full_access"] : [...permissions, one];
}
