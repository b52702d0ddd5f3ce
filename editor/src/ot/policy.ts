/** Who wins where two edits write one value: decided the same way on every replica. */

export type Policy = "later_wins" | "humans_first" | "agents_first";
export type AuthorKind = "user" | "agent" | "system";

/**
 * Whether the operation committed later wins over the one committed earlier.
 *
 * `humans_first` and `agents_first` let their favourite win whatever the order; between two authors
 * that are favoured alike, the later one wins.
 */
export function laterWinsOver(policy: Policy, later: AuthorKind, earlier: AuthorKind): boolean {
  const favoured = favouredBy(policy);
  return favoured === null || later === favoured || earlier !== favoured;
}

function favouredBy(policy: Policy): AuthorKind | null {
  if (policy === "humans_first") return "user";
  return policy === "agents_first" ? "agent" : null;
}
