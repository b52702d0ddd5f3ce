/** What the list says of a diagram. */
import type { Entry } from "../api/diagrams.ts";
import type { IconName } from "../ui/Icon.tsx";
import { count } from "../words/count.ts";

const KINDS: ReadonlyMap<string, { words: string; icon: IconName }> = new Map([
  ["flowchart", { words: "Flowchart", icon: "flowchart" }],
  ["sequence", { words: "Sequence", icon: "sequence" }],
  ["mindmap", { words: "Mind map", icon: "mindmap" }],
  ["blank", { words: "Drawing", icon: "blank" }],
  ["mermaid", { words: "Mermaid text", icon: "mermaid" }],
]);

/** The kind in words; an unknown one as it is written. */
export function kindWords(kind: string): string {
  return KINDS.get(kind)?.words ?? (kind === "" ? "Drawing" : kind);
}

export function kindIcon(kind: string): IconName {
  return KINDS.get(kind)?.icon ?? "blank";
}

/** "Flowchart · 5 nodes · 4 edges"; a Mermaid text has neither. */
export function contentWords(entry: Pick<Entry, "kind" | "nodeCount" | "edgeCount">): string {
  const kind = kindWords(entry.kind);
  if (entry.kind === "mermaid") return kind;
  return `${kind} · ${count(entry.nodeCount, "node")} · ${count(entry.edgeCount, "edge")}`;
}

/** The newest change was an agent's, as far as the API tells: both times are of the same edit. */
export function changedByAgent(entry: Pick<Entry, "updatedAt" | "lastAgentEdit">): boolean {
  return entry.lastAgentEdit !== null && entry.lastAgentEdit >= entry.updatedAt;
}

/** What agents had to do with it; empty where nothing. */
export function agentWords(
  entry: Pick<Entry, "createdByAgent" | "agentEditCount" | "openToAgents">,
): string {
  const parts: string[] = [];
  if (entry.createdByAgent) parts.push("made by an agent");
  if (entry.agentEditCount > 0) parts.push(`${count(entry.agentEditCount, "edit")} by agents`);
  if (!entry.openToAgents) parts.push("closed to agents");
  return parts.join(", ");
}

export function titleOf(entry: Pick<Entry, "title">): string {
  return entry.title.trim() === "" ? "Untitled" : entry.title;
}
