/** What is said when somebody deletes what I have in hand. */
import type { ActivityEntry } from "@diagramai/client";
import { briefly } from "./fields.ts";
import type { Taken } from "./gesture.ts";

const NAMELESS = { node: "a node", edge: "an edge" } as const;

/** Who deleted it, as far as the activity tells: the newest entry that touches the element. */
function whoTouched(
  activity: readonly ActivityEntry[],
  { target, id }: Taken,
): { name: string; mine: boolean } | null {
  const entry = activity.findLast(({ touched }) =>
    (target === "node" ? touched.nodes : touched.edges).includes(id),
  );
  return entry === undefined ? null : { name: entry.author.name, mine: entry.mine };
}

/**
 * "Bob deleted “Pack” while you were moving it." `null` where I did it myself.
 * `doing`: "moving", "editing".
 */
export function deletedSentence(
  gone: readonly Taken[],
  activity: readonly ActivityEntry[],
  doing: string,
): string | null {
  const [first] = gone;
  if (first === undefined) return null;
  const who = whoTouched(activity, first);
  if (who?.mine === true) return null;
  const name = briefly(first.name);
  const one = name === "" ? NAMELESS[first.target] : `“${name}”`;
  const [what, it] = gone.length === 1 ? [one, "it"] : [`${gone.length} nodes`, "them"];
  return `${who?.name ?? "Somebody"} deleted ${what} while you were ${doing} ${it}.`;
}
