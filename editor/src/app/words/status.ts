/** The state of the connection and of one's edits, in plain words. */
import type { ConnectionState, DiagramView } from "@diagramai/client";
import { count } from "./count.ts";
import { secondsUntil } from "./time.ts";

export type Tone = "good" | "busy" | "warn" | "bad" | "quiet";
export type StatusIcon = "saved" | "saving" | "offline" | "reconnecting" | "locked" | "signed-out";

export interface Status {
  readonly tone: Tone;
  readonly icon: StatusIcon;
  /** What is so, in a few words. */
  readonly words: string;
  /** The same for narrow screens. */
  readonly short: string;
  /** What it means or what to do; empty where the words say it all. */
  readonly hint: string;
  readonly action: "retry" | "sign-in" | null;
}

export interface StatusFacts {
  readonly connection: ConnectionState;
  /** Time of the next attempt to connect, in ms since 1970. */
  readonly nextAttemptAt: number | null;
  readonly view: Pick<DiagramView, "status" | "saving" | "unsentCount" | "readOnly" | "recovering">;
  readonly now: number;
}

export function describeStatus(facts: StatusFacts): Status {
  switch (facts.connection) {
    case "signed_out":
      return signedOut(facts);
    case "offline":
      return offline(facts);
    case "reconnecting":
      return reconnecting(facts);
    case "closed":
      return cut(facts);
    case "connecting":
      return busy("Connecting…", waiting(facts));
    case "online":
      return online(facts);
  }
}

function online({ view }: StatusFacts): Status {
  if (view.recovering || (view.status === "loading" && view.unsentCount > 0)) {
    return busy("Recovering edits from before…", "They are put on what others have done since.");
  }
  if (view.status === "loading") return busy("Opening…", "");
  if (view.status === "unavailable") return unavailable();
  if (view.readOnly) {
    const hint = "You can look at this diagram; you cannot change it.";
    return {
      tone: "quiet",
      icon: "locked",
      words: "Read only",
      short: "Read only",
      hint,
      action: null,
    };
  }
  if (view.saving) return busy("Saving…", "");
  const hint = "Everything you did is stored.";
  return { tone: "good", icon: "saved", words: "Saved", short: "Saved", hint, action: null };
}

function unavailable(): Status {
  const words = "Not reachable just now";
  const hint = "It is tried again by itself; what you do waits here.";
  return { tone: "warn", icon: "reconnecting", words, short: words, hint, action: null };
}

function busy(words: string, hint: string): Status {
  return { tone: "busy", icon: "saving", words, short: words, hint, action: null };
}

function offline(facts: StatusFacts): Status {
  const { view } = facts;
  const goesOn = view.readOnly ? "Offline" : "Offline, editing goes on";
  const words = view.unsentCount > 0 ? `${goesOn}, ${waiting(facts)}` : goesOn;
  const hint = view.readOnly
    ? "You see the diagram as it was."
    : "What you do is sent as soon as the connection is back.";
  return { tone: "warn", icon: "offline", words, short: "Offline", hint, action: "retry" };
}

function reconnecting(facts: StatusFacts): Status {
  const { nextAttemptAt, now } = facts;
  const seconds = nextAttemptAt === null ? 0 : secondsUntil(nextAttemptAt, now);
  const words = seconds > 0 ? `Reconnecting in ${seconds} s` : "Reconnecting…";
  const more = facts.view.unsentCount > 0 ? ` So far ${waiting(facts)}.` : "";
  const hint = facts.view.readOnly
    ? "The connection is lost."
    : `The connection is lost; editing goes on.${more}`;
  return { tone: "warn", icon: "reconnecting", words, short: words, hint, action: "retry" };
}

function signedOut(facts: StatusFacts): Status {
  const waits = facts.view.unsentCount > 0;
  const kept = waits ? `${capital(waiting(facts))}. ` : "";
  const hint = `${kept}Sign in with a new link; what you see stays here.`;
  return {
    tone: "bad",
    icon: "signed-out",
    words: waits ? `Signed out, ${waiting(facts)}` : "Signed out",
    short: "Signed out",
    hint,
    action: "sign-in",
  };
}

function cut(facts: StatusFacts): Status {
  const hint = facts.view.unsentCount > 0 ? `${capital(waiting(facts))}.` : "Load the page again.";
  return {
    tone: "bad",
    icon: "offline",
    words: "Disconnected",
    short: "Disconnected",
    hint,
    action: null,
  };
}

/** "3 changes wait", or nothing. */
function waiting({ view }: StatusFacts): string {
  const number = view.unsentCount;
  return number === 0 ? "" : `${count(number, "change")} ${number === 1 ? "waits" : "wait"}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
