import type { Author, Connection, ConnectionState, RecoveryProblem } from "@diagramai/client";
import { useMemo, useSyncExternalStore } from "react";

export interface ConnectionFacts {
  readonly state: ConnectionState;
  readonly participant: Author | null;
  readonly nextAttemptAt: number | null;
  readonly problems: readonly RecoveryProblem[];
}

/** What the page shows of the connection, renewed when it changes. */
export function useConnection(connection: Connection): ConnectionFacts {
  const store = useMemo(() => storeOf(connection), [connection]);
  return useSyncExternalStore(store.subscribe, store.read);
}

/** The same object until one of its fields changes, as React wants it. */
function storeOf(connection: Connection): {
  subscribe: (listener: () => void) => () => void;
  read: () => ConnectionFacts;
} {
  let last = factsOf(connection);
  const read = (): ConnectionFacts => {
    const next = factsOf(connection);
    if (!same(last, next)) last = next;
    return last;
  };
  return { subscribe: (listener) => connection.subscribe(listener), read };
}

function factsOf({ state, participant, nextAttemptAt, problems }: Connection): ConnectionFacts {
  return { state, participant, nextAttemptAt, problems };
}

function same(a: ConnectionFacts, b: ConnectionFacts): boolean {
  return (
    a.state === b.state &&
    a.participant === b.participant &&
    a.nextAttemptAt === b.nextAttemptAt &&
    a.problems.length === b.problems.length &&
    a.problems.every((problem, i) => problem.id === b.problems[i]?.id)
  );
}
