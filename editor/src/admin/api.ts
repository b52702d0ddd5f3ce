/** What admins ask the server, and do: agents, grants, what is open, the audit, alerts. */
import { type Answer, isObject, request } from "../app/api/http.ts";
import { number, text, time, unexpected } from "../app/api/values.ts";

export const PERMISSIONS = ["read", "create", "edit", "delete", "full_access"] as const;
export type Permission = (typeof PERMISSIONS)[number];
export type AgentState = "active" | "expired" | "revoked";

/** Calls in each of the last hours, the oldest first, and how many of them failed. */
export interface Activity {
  readonly calls: readonly number[];
  readonly failed: readonly number[];
}

/** Times are ms since 1970. */
export interface AdminAgent {
  readonly id: string;
  readonly name: string;
  /** null: it was let in by the address. */
  readonly keyPrefix: string | null;
  readonly state: AgentState;
  readonly permissions: readonly Permission[];
  /** A minute. */
  readonly rateLimit: number;
  readonly allDiagrams: boolean;
  readonly owner: { readonly id: string; readonly name: string } | null;
  readonly createdAt: number;
  readonly lastUsed: number | null;
  readonly expiresAt: number | null;
  readonly oldKeyUntil: number | null;
  readonly grants: number;
  readonly isConnected: boolean;
  readonly activity: Activity | null;
}

export interface AgentList {
  readonly agents: readonly AdminAgent[];
  /** There are others, which a search finds. */
  readonly more: boolean;
}

export interface Grant {
  readonly agentId: string;
  readonly agentName: string;
  readonly diagramId: string;
  readonly title: string;
  readonly permissions: readonly Permission[];
  readonly grantedAt: number;
  readonly grantedBy: string | null;
  readonly inTrash: boolean;
  readonly openToAgents: boolean;
}

export type Door = "socket" | "mcp_session" | "mcp_request";

export interface LiveSession {
  readonly id: string;
  readonly door: Door;
  readonly isAgent: boolean;
  readonly participantId: string;
  readonly name: string;
  readonly address: string | null;
  readonly since: number;
  readonly diagrams: readonly { readonly id: string; readonly title: string }[];
  readonly isYours: boolean;
}

export interface AuditRow {
  readonly id: number;
  readonly agentId: string;
  readonly agentName: string;
  readonly diagramId: string | null;
  readonly title: string | null;
  readonly operation: string;
  readonly success: boolean;
  readonly error: string | null;
  readonly at: number;
  readonly durationMs: number | null;
  readonly revision: number | null;
  readonly address: string | null;
  readonly credential: string | null;
  readonly data: unknown;
  readonly chain: string;
  readonly position: number;
}

export interface Alert {
  readonly id: number;
  readonly rule: string;
  readonly subject: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly raisedAt: number;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
}

/** Rows, and what the page after them is asked for with; null at the end. */
export interface Paged<Row> {
  readonly rows: readonly Row[];
  readonly next: number | null;
}

/** What is said of an agent. */
export interface AgentWish {
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly rateLimit: number;
  readonly allDiagrams: boolean;
  readonly ownerId: string | null;
  /** ms since 1970; null: for good. */
  readonly expiresAt: number | null;
}

const BASE = "/api/admin";

export async function createAgent(wish: AgentWish): Promise<string> {
  const { data } = await request(`${BASE}/agents`, { method: "POST", body: bodyOf(wish) });
  return keyFrom(data);
}

export async function changeAgent(id: string, change: Partial<AgentWish>): Promise<void> {
  await request(agentPath(id), { method: "PUT", body: bodyOf(change) });
}

/** Returns the new key; the one before works for so many seconds longer. */
export async function rotateKey(id: string, overlapSeconds: number): Promise<string> {
  const path = `${BASE}/keys/${encodeURIComponent(id)}`;
  return keyFrom((await request(path, { method: "POST", body: { overlapSeconds } })).data);
}

export async function revokeAgent(id: string): Promise<void> {
  await request(agentPath(id), { method: "DELETE" });
}

export async function setGrant(
  diagramId: string,
  agentId: string,
  permissions: readonly Permission[],
): Promise<void> {
  await request(grantPath(diagramId, agentId), { method: "PUT", body: { permissions } });
}

export async function removeGrant(diagramId: string, agentId: string): Promise<void> {
  await request(grantPath(diagramId, agentId), { method: "DELETE" });
}

export async function disconnect(sessionId: string): Promise<void> {
  await request(`${BASE}/sessions/${encodeURIComponent(sessionId)}`, { method: "DELETE" });
}

export async function acknowledge(alertId: number): Promise<void> {
  await request(`${BASE}/alerts/${alertId}/acknowledge`, { method: "POST" });
}

/** An address under the admin API; what is empty or null is left out of its query. */
export function adminQuery(
  what: "agents" | "grants" | "sessions" | "audit" | "alerts",
  query: Readonly<Record<string, string | number | boolean | null>> = {},
): string {
  const said = Object.entries(query).filter(([, value]) => value !== null && value !== "");
  const text = new URLSearchParams(said.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? `${BASE}/${what}` : `${BASE}/${what}?${text}`;
}

export function readAgents({ data, envelope }: Answer): AgentList {
  return { agents: list(data, agentFrom), more: envelope.more === true };
}

export function readGrants(answer: Answer): Paged<Grant> {
  return paged(answer, grantFrom);
}

export function readSessions({ data }: Answer): readonly LiveSession[] {
  return list(data, sessionFrom);
}

export function readAudit(answer: Answer): Paged<AuditRow> {
  return paged(answer, rowFrom);
}

export function readAlerts(answer: Answer): Paged<Alert> {
  return paged(answer, alertFrom);
}

function agentPath(id: string): string {
  return `${BASE}/agents/${encodeURIComponent(id)}`;
}

function grantPath(diagramId: string, agentId: string): string {
  return `${BASE}/grants/${encodeURIComponent(diagramId)}/${encodeURIComponent(agentId)}`;
}

function bodyOf({ expiresAt, ...rest }: Partial<AgentWish>): Record<string, unknown> {
  if (expiresAt === undefined) return rest;
  return { ...rest, expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString() };
}

function keyFrom(data: unknown): string {
  return text(isObject(data) ? data.key : null);
}

function paged<Row>({ data, envelope }: Answer, read: (value: Fields) => Row): Paged<Row> {
  return { rows: list(data, read), next: optional(envelope.next, number) };
}

type Fields = Readonly<Record<string, unknown>>;

function agentFrom(value: Fields): AdminAgent {
  const { state, ownerId, ownerName, activity } = value;
  if (state !== "active" && state !== "expired" && state !== "revoked") throw unexpected();
  const owner = optional(ownerId, text);
  return {
    id: text(value.id),
    name: text(value.name),
    keyPrefix: optional(value.keyPrefix, text),
    state,
    permissions: permissions(value.permissions),
    rateLimit: number(value.rateLimit),
    allDiagrams: value.allDiagrams === true,
    owner: owner === null ? null : { id: owner, name: optional(ownerName, text) ?? owner },
    createdAt: time(value.createdAt),
    lastUsed: optional(value.lastUsed, time),
    expiresAt: optional(value.expiresAt, time),
    oldKeyUntil: optional(value.oldKeyUntil, time),
    grants: number(value.grants),
    isConnected: value.isConnected === true,
    activity: isObject(activity)
      ? { calls: numbers(activity.calls), failed: numbers(activity.failed) }
      : null,
  };
}

function grantFrom(value: Fields): Grant {
  return {
    agentId: text(value.agentId),
    agentName: text(value.agentName),
    diagramId: text(value.diagramId),
    title: text(value.title),
    permissions: permissions(value.permissions),
    grantedAt: time(value.grantedAt),
    grantedBy: optional(value.grantedBy, text),
    inTrash: value.inTrash === true,
    openToAgents: value.agentAccessible === true,
  };
}

function sessionFrom(value: Fields): LiveSession {
  const { door } = value;
  if (door !== "socket" && door !== "mcp_session" && door !== "mcp_request") throw unexpected();
  return {
    id: text(value.id),
    door,
    isAgent: value.kind === "agent",
    participantId: text(value.participantId),
    name: text(value.name),
    address: optional(value.address, text),
    since: time(value.since),
    diagrams: list(value.diagrams, (each) => ({ id: text(each.id), title: text(each.title) })),
    isYours: value.isYours === true,
  };
}

function rowFrom(value: Fields): AuditRow {
  const agentId = text(value.agentId);
  return {
    id: number(value.id),
    agentId,
    agentName: optional(value.agentName, text) ?? agentId,
    diagramId: optional(value.diagramId, text),
    title: optional(value.title, text),
    operation: text(value.operation),
    success: value.success === true,
    error: optional(value.error, text),
    at: time(value.at),
    durationMs: optional(value.durationMs, number),
    revision: optional(value.revision, number),
    address: optional(value.address, text),
    credential: optional(value.credential, text),
    data: value.data,
    chain: text(value.chain),
    position: number(value.position),
  };
}

function alertFrom(value: Fields): Alert {
  return {
    id: number(value.id),
    rule: text(value.rule),
    subject: text(value.subject),
    message: text(value.message),
    details: isObject(value.details) ? value.details : {},
    raisedAt: time(value.raisedAt),
    acknowledgedAt: optional(value.acknowledgedAt, time),
    acknowledgedBy: optional(value.acknowledgedBy, text),
  };
}

function list<Row>(value: unknown, read: (each: Fields) => Row): readonly Row[] {
  if (!Array.isArray(value)) throw unexpected();
  return value.map((each: unknown) => {
    if (!isObject(each)) throw unexpected();
    return read(each);
  });
}

function permissions(value: unknown): readonly Permission[] {
  if (!Array.isArray(value)) throw unexpected();
  return PERMISSIONS.filter((each) => value.includes(each));
}

function numbers(value: unknown): readonly number[] {
  if (!Array.isArray(value)) throw unexpected();
  return value.map(number);
}

function optional<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === null || value === undefined ? null : read(value);
}
