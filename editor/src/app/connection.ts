/** The page's one connection to the server, there as soon as somebody is signed in. */
import { type Connection, connect, type LiveDiagram } from "@diagramai/client";
import { useEffect, useState } from "react";

/** For looking into a running page from the browser's console, and for tests of the whole. */
export interface DebuggingHandle {
  /** The diagram that is open; null on the list. */
  live: LiveDiagram | null;
  connection: Connection | null;
}

declare global {
  var diagramai: DebuggingHandle;
}

globalThis.diagramai = { live: null, connection: null };

/** The connection; a new one after `closeConnection`. */
export function theConnection(): Connection {
  const known = globalThis.diagramai.connection;
  if (known !== null && known.state !== "closed") return known;
  const made = connect({ url: location.origin });
  globalThis.diagramai.connection = made;
  return made;
}

/**
 * The connection, on every page: edits of an earlier visit are sent, and told of where they cannot
 * be, wherever one comes back to. Null until it is there.
 */
export function useTheConnection(): Connection | null {
  const [connection, setConnection] = useState<Connection | null>(null);
  useEffect(() => {
    const known = theConnection();
    setConnection(known);
    return signInAgain(known);
  }, []);
  return connection;
}

/** Whoever comes back to this page may have signed in elsewhere meanwhile. Returns how to stop. */
function signInAgain(connection: Connection): () => void {
  const attempt = (): void => {
    if (connection.state === "signed_out" && document.visibilityState === "visible") {
      connection.reconnectNow();
    }
  };
  attempt();
  window.addEventListener("focus", attempt);
  document.addEventListener("visibilitychange", attempt);
  return () => {
    window.removeEventListener("focus", attempt);
    document.removeEventListener("visibilitychange", attempt);
  };
}

/** Ends it, as when signing out. Unsent edits stay in the browser. */
export async function closeConnection(): Promise<void> {
  const known = globalThis.diagramai.connection;
  globalThis.diagramai.connection = null;
  await known?.close();
}
