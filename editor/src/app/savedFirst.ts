/** The server's work on a diagram is done on what it has: my edits must have arrived before. */
import type { LiveDiagram } from "@diagramai/client";

/** How long to wait for my edits to be stored, in ms. */
export const SAVE_PATIENCE_MS = 15_000;

/** Resolves once all my edits are stored. Throws an Error with a sentence where that takes too long. */
export async function savedFirst(live: LiveDiagram): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const sentence = "Your latest changes are not stored yet. Try again once they are.";
    timer = setTimeout(() => reject(new Error(sentence)), SAVE_PATIENCE_MS);
  });
  try {
    await Promise.race([live.whenSaved(), late]);
  } finally {
    clearTimeout(timer);
  }
}
