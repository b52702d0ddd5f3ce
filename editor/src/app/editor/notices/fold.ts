/** Notices that are shown at once; the older ones are folded into a number. */
export const MAX_SHOWN = 3;

/** The newest, newest last, and how many older ones are folded away. */
export function fold<T>(
  notices: readonly T[],
  open: boolean,
): { shown: readonly T[]; folded: number } {
  if (open || notices.length <= MAX_SHOWN) return { shown: notices, folded: 0 };
  return { shown: notices.slice(-MAX_SHOWN), folded: notices.length - MAX_SHOWN };
}
