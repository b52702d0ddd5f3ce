/** The page's one connection to the server, opened when the first diagram is. */
import { type Connection, connect, type LiveDiagram } from "@diagramai/client";

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

/** Ends it, as when signing out. Unsent edits stay in the browser. */
export async function closeConnection(): Promise<void> {
  const known = globalThis.diagramai.connection;
  globalThis.diagramai.connection = null;
  await known?.close();
}
