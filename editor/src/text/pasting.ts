/** Texts that are too long for a field. */

/**
 * Why a text cannot be pasted, in a sentence; `null` where it fits. All lengths in UTF-16 units.
 * `length`: what of the field's text would stay.
 */
export function pasteRefusal(
  text: string,
  { length, maxLength }: { readonly length: number; readonly maxLength: number | undefined },
): string | null {
  if (maxLength === undefined || length + text.length <= maxLength) return null;
  const most = maxLength.toLocaleString("en");
  const all = (length + text.length).toLocaleString("en");
  return `At most ${most} characters fit here; these would be ${all}. Nothing was pasted.`;
}
