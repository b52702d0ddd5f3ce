import type { DiagramView, LiveDiagram } from "@diagramai/client";
import { useEffect, useRef, useState } from "react";
import { type Checked, readCheck } from "../../../api/engine.ts";
import { savedFirst } from "../../../savedFirst.ts";
import { useBusy } from "../../../useBusy.ts";
import { sentenceOf } from "../../../words/failure.ts";
import { fits, makeProposed } from "../../proposals.ts";
import { mendOf, nextMend } from "./findings.ts";

/** Rest after an edit, of whomever, before the diagram is checked anew, in ms. */
export const QUIET_MS = 2_000;
/** Findings that are mended in one go. */
export const MAX_MENDS = 200;

export interface Check {
  /** What the last check found; null before the first. */
  readonly checked: Checked | null;
  /** Why the last attempt failed; null where it did not. */
  readonly error: string | null;
  readonly mending: boolean;
  /** Mends the finding with this key. */
  readonly mend: (key: string) => void;
  /** Mends one finding after another, each on what the one before has left. One undo takes it back. */
  readonly mendAll: () => void;
}

/** Checks at once, and again whenever edits have come to rest. */
export function useCheck(live: LiveDiagram, view: DiagramView): Check {
  const [checked, setChecked] = useState<Checked | null>(null);
  const [error, setError] = useState<string | null>(null);
  const { busy, run } = useBusy();
  const read = async (): Promise<Checked> => {
    const found = await readCheck(live.id);
    setChecked(found);
    setError(null);
    return found;
  };
  const mend = async (key: string): Promise<void> => {
    const known = checked !== null && fits(live, checked.revision) ? checked : null;
    let next = known;
    const ask = async () => {
      const found = next ?? (await read());
      next = null;
      return mendOf(found, key);
    };
    await makeProposed(live, ask, { label: "mend" });
    await savedFirst(live);
    await read();
  };
  const mendAll = async (): Promise<void> => {
    const tried = new Set<string>();
    while (tried.size < MAX_MENDS) {
      const ask = async () => nextMend(await read(), tried);
      const undo = tried.size === 0 ? "new" : "join";
      const made = await makeProposed(live, ask, { undo, label: "mend" });
      if (made === null) return;
      tried.add(made.key);
    }
    await savedFirst(live);
    await read();
  };
  useRests(view, checked, busy, () => {
    read().catch((reason: unknown) => setError(sentenceOf(reason)));
  });
  return {
    checked,
    error,
    mending: busy,
    mend: (key) => run(() => mend(key)),
    mendAll: () => run(mendAll),
  };
}

/** Calls `check` at the start, and when what is shown is not what was checked and nobody edits it. */
function useRests(
  view: DiagramView,
  checked: Checked | null,
  busy: boolean,
  check: () => void,
): void {
  const latest = useRef(check);
  latest.current = check;
  const isFirst = useRef(true);
  const { revision } = view;
  const stale = view.status === "ready" && !view.saving && !busy && checked?.revision !== revision;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each revision begins a new rest
  useEffect(() => {
    if (!stale) return;
    const delay = isFirst.current ? 0 : QUIET_MS;
    const timer = setTimeout(() => {
      isFirst.current = false;
      latest.current();
    }, delay);
    return () => clearTimeout(timer);
  }, [stale, revision]);
}
