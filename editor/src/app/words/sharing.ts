/** Words for who may do what. */
import type { Person, Role, ShareLink } from "../api/sharing.ts";
import { count } from "./count.ts";
import { day } from "./time.ts";

export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  viewer: "Can view",
  editor: "Can edit",
  owner: "Owner",
};

/** What somebody who does not own the diagram is told of themselves. */
export function ownRoleSentence(role: Role, owner: Person | null): string {
  const may = role === "viewer" ? "You can look at this diagram." : "You can edit this diagram.";
  const who = owner === null ? "those who run this server" : owner.name;
  return `${may} It belongs to ${who}: ask them to change who sees it.`;
}

/** "Can view · until 12 May · 2 people came". */
export function linkWords(link: ShareLink, now: number): string {
  const parts = [ROLE_WORDS[link.role], `until ${day(link.expiresAt, now)}`];
  if (link.members > 0) parts.push(`${count(link.members, "person", "people")} came`);
  return parts.join(" · ");
}

/** The one that is meant by an id, or by a name that only one has; else why not. */
export function choosePerson(found: readonly Person[], text: string): Person | string {
  const byId = found.find((each) => each.id === text);
  if (byId !== undefined) return byId;
  const wanted = text.toLocaleLowerCase();
  const named = found.filter((each) => each.name.toLocaleLowerCase() === wanted);
  const [first, second] = named.length > 0 ? named : found;
  if (first === undefined) {
    return `Nobody called “${text}” has signed in here yet. Ask them to, or send them a link.`;
  }
  if (second !== undefined) return "Several people are called so: choose one by its id.";
  return first;
}
