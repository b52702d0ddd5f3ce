/** What to do about an edit that was refused, by the code of the refusal. */

const TOO_MUCH = "Split the diagram into two, or do less in one step.";
const LATER = "Try it again in a moment.";
const NO_RIGHT = "Share, in the header, says who its owner is.";

const ADVICE: ReadonlyMap<string, string> = new Map([
  ["forbidden", NO_RIGHT],
  ["read_only", NO_RIGHT],
  ["diagram_too_large", TOO_MUCH],
  ["too_many_targets", TOO_MUCH],
  ["too_many_values", TOO_MUCH],
  ["string_too_long", "Make the text shorter."],
  ["text_too_long", "Make the text shorter."],
  ["overloaded", LATER],
  ["commit_failed", LATER],
  ["unavailable", LATER],
  ["lost_edits", "Look over what you did last, and do again what is missing."],
]);

/** One sentence; the general advice where the code is none of those above. */
export function adviceFor(code: string): string {
  return ADVICE.get(code) ?? "It was taken back here; everything else is kept. Try it another way.";
}
