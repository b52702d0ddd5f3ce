/** Who else may do what with a diagram: people with roles, share links, who sees it at all. */
import { pathOf } from "./diagrams.ts";
import { isObject, request } from "./http.ts";
import { text, unexpected } from "./values.ts";

export type Role = "viewer" | "editor" | "owner";
export type LinkRole = Exclude<Role, "owner">;

export interface Person {
  readonly id: string;
  readonly name: string;
}

/** What all who read a diagram may know. */
export interface Access {
  /** Of the person who asks. */
  readonly role: Role;
  /** null: it belongs to those who run the server. */
  readonly owner: Person | null;
  readonly isPublic: boolean;
  readonly openToAgents: boolean;
}

export interface Member extends Person {
  readonly role: Role;
  /** Came through a link, and goes with it. */
  readonly throughLink: boolean;
}

/** A link in force. Times are ms since 1970. */
export interface ShareLink {
  readonly id: string;
  readonly role: Role;
  readonly expiresAt: number;
  readonly members: number;
}

/** What only an owner sees. */
export interface Sharing {
  readonly members: readonly Member[];
  readonly links: readonly ShareLink[];
}

export async function readAccess(id: string, signal: AbortSignal): Promise<Access> {
  const { data } = await request(`${pathOf(id)}/access`, { signal });
  if (!isObject(data)) throw unexpected();
  return {
    role: role(data.role),
    owner: data.owner === null ? null : person(data.owner),
    isPublic: data.isPublic === true,
    openToAgents: data.agentAccessible === true,
  };
}

/** For owners. */
export async function readSharing(id: string, signal: AbortSignal): Promise<Sharing> {
  const [people, links] = await Promise.all([
    request(`${pathOf(id)}/members`, { signal }),
    request(`${pathOf(id)}/share-links`, { signal }),
  ]);
  if (!isObject(people.data)) throw unexpected();
  return { members: list(people.data.members, member), links: list(links.data, shareLink) };
}

export async function setMember(id: string, personId: string, wanted: Role): Promise<void> {
  await request(memberPath(id, personId), { method: "PUT", body: { role: wanted } });
}

export async function removeMember(id: string, personId: string): Promise<void> {
  await request(memberPath(id, personId), { method: "DELETE" });
}

/** People whose id this is, or who have it in their names. */
export async function findPeople(text: string, signal?: AbortSignal): Promise<readonly Person[]> {
  const query = new URLSearchParams({ search: text });
  const { data } = await request(`/api/people?${query}`, signal === undefined ? {} : { signal });
  return list(data, person);
}

/** Returns the whole address, which nobody can show again. */
export async function createLink(id: string, wanted: LinkRole, days: number): Promise<string> {
  const body = { role: wanted, days };
  const { data } = await request(`${pathOf(id)}/share-links`, { method: "POST", body });
  return text(isObject(data) ? data.url : null);
}

export async function revokeLink(id: string, linkId: string): Promise<void> {
  const path = `${pathOf(id)}/share-links/${encodeURIComponent(linkId)}`;
  await request(path, { method: "DELETE" });
}

export async function setVisibility(
  id: string,
  wanted: { isPublic?: boolean; agentAccessible?: boolean },
): Promise<void> {
  await request(pathOf(id), { method: "PUT", body: wanted });
}

/** Follows a link. `name` is for who is not signed in. Returns the diagram's id. */
export async function redeemLink(token: string, name: string | null): Promise<string> {
  const body = name === null ? { token } : { token, name };
  const { data } = await request("/api/share-links/redeem", { method: "POST", body });
  return text(isObject(data) ? data.diagramId : null);
}

function memberPath(id: string, personId: string): string {
  return `${pathOf(id)}/members/${encodeURIComponent(personId)}`;
}

function list<T>(value: unknown, read: (each: unknown) => T): readonly T[] {
  if (!Array.isArray(value)) throw unexpected();
  return value.map(read);
}

function person(value: unknown): Person {
  if (!isObject(value)) throw unexpected();
  return { id: text(value.id), name: text(value.name) };
}

function member(value: unknown): Member {
  if (!isObject(value)) throw unexpected();
  return { ...person(value), role: role(value.role), throughLink: value.linkId !== null };
}

function shareLink(value: unknown): ShareLink {
  if (!isObject(value) || typeof value.members !== "number") throw unexpected();
  const expiresAt = Date.parse(text(value.expiresAt));
  return { id: text(value.id), role: role(value.role), expiresAt, members: value.members };
}

function role(value: unknown): Role {
  if (value !== "viewer" && value !== "editor" && value !== "owner") throw unexpected();
  return value;
}
