/** Edits that the server proposes, and a person makes: undoable as any other of theirs. */
import type { EditLabel, EditOptions, LiveDiagram } from "@diagramai/client";
import type { Plan } from "../api/engine.ts";
import { savedFirst } from "../savedFirst.ts";

/** How often to ask where others edit meanwhile. */
export const MAX_ATTEMPTS = 3;
/** How long to wait for what others did before the proposal, in ms. */
const CATCH_UP_MS = 5_000;

/**
 * Makes the edit that `ask` brings, while it fits exactly what is shown; asks anew where somebody
 * edited meanwhile. `label` says that no person chose the places. Returns the plan that was made. Throws an Error with a sentence where it could
 * not be.
 */
export async function makeProposed<Asked extends Plan | null>(
  live: LiveDiagram,
  ask: () => Promise<Asked>,
  options: EditOptions & { readonly label: EditLabel },
): Promise<Asked> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    await savedFirst(live);
    const plan = await ask();
    if (plan === null) return plan;
    await caughtUp(live, plan.revision);
    if (!fits(live, plan.revision)) continue;
    if (!isNothing(plan)) live.edit(plan.operation, options);
    return plan;
  }
  throw new Error("Others are editing just now. Try again in a moment.");
}

/** Whether what is shown is just the diagram at that revision. */
export function fits(live: LiveDiagram, revision: number): boolean {
  const view = live.getSnapshot();
  return view.status === "ready" && view.revision === revision && !view.saving;
}

export function isNothing({ operation }: Plan): boolean {
  return operation.diagram === null && operation.nodes.size === 0 && operation.edges.size === 0;
}

/** The server may know edits of others that are still on their way. */
async function caughtUp(live: LiveDiagram, revision: number): Promise<void> {
  const isThere = (): boolean => live.getSnapshot().revision >= revision;
  if (isThere()) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const stop = live.subscribe(() => isThere() && end());
    const timer = setTimeout(end, CATCH_UP_MS);
  });
}
