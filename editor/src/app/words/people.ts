/** Words for who somebody is. */
import type { Author } from "@diagramai/client";

export function kindWord(author: Author): "person" | "agent" | "server" {
  if (author.kind === "agent") return "agent";
  return author.kind === "system" ? "server" : "person";
}

/** "Ada and 2 others are here": for the button that lists them. */
export function hereSentence(names: readonly string[]): string {
  if (names.length === 0) return "Only you are here";
  const [first = ""] = names;
  if (names.length === 1) return `You and ${first} are here`;
  return `You, ${first} and ${names.length - 1} more are here`;
}
