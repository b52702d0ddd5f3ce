/** What a browser tells about the network and about being looked at again; nothing elsewhere. */

export interface NetworkHandlers {
  online(): void;
  offline(): void;
  /** The page is looked at again: timers may have slept. */
  awake(): void;
}

/** Whether the browser says that there is no network. */
export function isOffline(): boolean {
  return typeof window !== "undefined" && navigator.onLine === false;
}

/** Whether the host is this machine, which needs no network to be reached. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/** Returns how to stop listening. */
export function watchNetwork(handlers: NetworkHandlers): () => void {
  if (typeof window === "undefined" || typeof document === "undefined") return () => {};
  const visible = () => {
    if (document.visibilityState === "visible") handlers.awake();
  };
  window.addEventListener("online", handlers.online);
  window.addEventListener("offline", handlers.offline);
  document.addEventListener("visibilitychange", visible);
  return () => {
    window.removeEventListener("online", handlers.online);
    window.removeEventListener("offline", handlers.offline);
    document.removeEventListener("visibilitychange", visible);
  };
}

/** Whether the server answers that nobody is signed in. Anything else, silence too, is a no. */
export async function isSignedOut(
  url: URL,
  key: string | undefined,
  withinMs: number,
  ask: typeof fetch = fetch,
): Promise<boolean> {
  try {
    const headers: Record<string, string> = {};
    if (key !== undefined) headers.Authorization = `Bearer ${key}`;
    const signal = AbortSignal.timeout(withinMs);
    const answer = await ask(url, { headers, signal, cache: "no-store" });
    return answer.status === 401;
  } catch {
    return false;
  }
}
