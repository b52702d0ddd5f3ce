import { createContext, useCallback, useContext, useEffect, useState } from "react";
import { isSignedOut } from "./http.ts";
import { readSession, type Session } from "./session.ts";

export type SessionState =
  | { readonly name: "loading" }
  | { readonly name: "signed-in"; readonly session: Session }
  | { readonly name: "signed-out"; readonly command: string }
  | { readonly name: "failed"; readonly message: string };

/** Asks once who is signed in; `again` asks anew. */
export function useSessionState(): { state: SessionState; again: () => void } {
  const [state, setState] = useState<SessionState>({ name: "loading" });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt asks anew
  useEffect(() => {
    const stop = new AbortController();
    readSession(stop.signal).then(
      (session) => setState({ name: "signed-in", session }),
      (error: unknown) => {
        if (!stop.signal.aborted) setState(stateFrom(error));
      },
    );
    return () => stop.abort();
  }, [attempt]);
  const again = useCallback(() => {
    setState({ name: "loading" });
    setAttempt((number) => number + 1);
  }, []);
  return { state, again };
}

function stateFrom(error: unknown): SessionState {
  if (isSignedOut(error)) return { name: "signed-out", command: error.command ?? "diagramai" };
  const message = error instanceof Error ? error.message : "The server does not answer.";
  return { name: "failed", message };
}

export const SessionContext = createContext<Session | null>(null);

/** Who is signed in. Only below the page frame, which waits for it. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("useSession outside of a signed-in page");
  return session;
}
