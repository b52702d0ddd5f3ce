import { useEffect, useState } from "react";

/** How long "Copied" is shown, in ms. */
const SHOWN_MS = 2_000;

export type CopyState = "idle" | "copied" | "failed";

/** Copies to the clipboard and says for a moment how that went. */
export function useCopy(): { state: CopyState; copy: (text: string) => void } {
  const [state, setState] = useState<CopyState>("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = (text: string): void => {
    write(text).then(
      () => setState("copied"),
      () => setState("failed"),
    );
  };
  return { state, copy };
}

/** Pages that came over plain HTTP from elsewhere have no clipboard. */
async function write(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}
