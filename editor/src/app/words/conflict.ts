/** What gave way when two edits met, as one sentence and the two values. */
import type { Author, ConflictNotice } from "@diagramai/client";
import { shorten } from "./count.ts";
import { placeName, showValue } from "./values.ts";

/** Characters of an element's name in a sentence. */
const MAX_NAME_LENGTH = 40;

export type Conflict = Pick<
  ConflictNotice,
  "kind" | "target" | "path" | "by" | "kept" | "dropped" | "name"
>;

/** "Your name for “Pack” was replaced by Robo’s." `self` tells another window of mine from others. */
export function conflictSentence(notice: Conflict, self: Author | null = null): string {
  const they = naming(notice.by, self);
  switch (notice.kind) {
    case "delete_while_editing":
      return deletion(notice, they);
    case "position_conflict":
      return `${capital(thing(notice))} was moved by ${they.object} as well, and stands there now.`;
    case "connection_conflict":
      return connection(notice, they);
    case "id_collision":
      return `${beginning(they)} added something under the same id as ${thing(notice)}.`;
    default:
      return simultaneous(notice, they);
  }
}

interface Naming {
  readonly subject: string;
  readonly object: string;
  readonly theirs: string;
}

function naming(by: Author, self: Author | null): Naming {
  const { name } = by;
  if (by.kind !== self?.kind || by.id !== self.id) {
    return { subject: name, object: name, theirs: possessive(name) };
  }
  const mine = "you, in another window,";
  return { subject: mine, object: mine, theirs: "the one from another window of yours" };
}

/** The two values, where they say more than the sentence. */
export function conflictValues(notice: Conflict): { yours: string; theirs: string } | null {
  if (notice.kind === "delete_while_editing" || notice.kind === "connection_conflict") return null;
  if (notice.path === "") return null;
  return { yours: showValue(notice.dropped), theirs: showValue(notice.kept) };
}

function simultaneous(notice: Conflict, { theirs }: Naming): string {
  if (notice.path === "") return `Your change of ${thing(notice)} was replaced by ${theirs}.`;
  const place = placeName(notice.path);
  const link = place === "name" ? "for" : "of";
  return `Your ${place} ${link} ${thing(notice)} was replaced by ${theirs}.`;
}

/** Something stands where it was my deletion that gave way. */
function deletion(notice: Conflict, they: Naming): string {
  if (notice.kept !== undefined) {
    return `${capital(thing(notice))} is back: ${they.subject} edited it when you deleted it.`;
  }
  return `${beginning(they)} deleted ${thing(notice)} while you were editing it.`;
}

function connection(notice: Conflict, { subject, object }: Naming): string {
  const edge = capital(thing(notice));
  return notice.kept === undefined
    ? `${edge} is gone: ${subject} deleted what it led to.`
    : `${edge} was led elsewhere by ${object}.`;
}

function thing(notice: Conflict): string {
  const name = shorten(notice.name, MAX_NAME_LENGTH);
  if (notice.target === "diagram") return "the diagram";
  if (notice.target === "edge") return name === "" ? "your connection" : `the connection “${name}”`;
  return name === "" ? "a node without a name" : `“${name}”`;
}

/** Names of people stand as they write them; only words of ours get a capital letter. */
function beginning(they: Naming): string {
  return they.subject.startsWith("you,") ? capital(they.subject) : they.subject;
}

/** "Robo’s", "Iris’". */
export function possessive(name: string): string {
  return /s$/iu.test(name) ? `${name}’` : `${name}’s`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
