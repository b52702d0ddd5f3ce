import { useCallback, useEffect, useState } from "react";
import { type Access, readAccess, readSharing, type Sharing } from "../../api/sharing.ts";
import { sentenceOf } from "../../words/failure.ts";

export interface SharingState {
  /** null before it has arrived. */
  readonly access: Access | null;
  /** null for all but owners. */
  readonly sharing: Sharing | null;
  /** Why the last thing failed; null where it did not. */
  readonly error: string | null;
  readonly busy: boolean;
  /** Does one thing, then asks anew how it stands. Returns whether it was done. */
  readonly change: (work: () => Promise<void>) => Promise<boolean>;
}

/** Who may do what with the diagram, while the dialog is open. */
export function useSharing(id: string): SharingState {
  const [known, setKnown] = useState<Pick<SharingState, "access" | "sharing">>({
    access: null,
    sharing: null,
  });
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const read = useCallback(
    async (signal: AbortSignal): Promise<void> => {
      const access = await readAccess(id, signal);
      const sharing = access.role === "owner" ? await readSharing(id, signal) : null;
      setKnown({ access, sharing });
    },
    [id],
  );
  useEffect(() => {
    const stop = new AbortController();
    read(stop.signal).catch((reason: unknown) => {
      if (!stop.signal.aborted) setError(sentenceOf(reason));
    });
    return () => stop.abort();
  }, [read]);
  const change = async (work: () => Promise<void>): Promise<boolean> => {
    setBusy(true);
    setError(null);
    try {
      await work();
      await read(new AbortController().signal);
      return true;
    } catch (reason) {
      setError(sentenceOf(reason));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { ...known, error, busy, change };
}
