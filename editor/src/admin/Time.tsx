import type { JSX } from "react";
import { ago, exact } from "../app/words/time.ts";

/** A moment, as people say it; exactly as its tip. */
export function Time({ at, now }: { at: number; now: number }): JSX.Element {
  return (
    <time dateTime={new Date(at).toISOString()} title={exact(at)}>
      {ago(at, now)}
    </time>
  );
}
