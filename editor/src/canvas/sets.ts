/** Sets of ids. */

/** Takes in what React Flow says of a selection. */
export function toggle(
  ids: Set<string>,
  change: { readonly id: string; readonly selected: boolean },
): void {
  if (change.selected) ids.add(change.id);
  else ids.delete(change.id);
}

export function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((id) => b.has(id));
}
