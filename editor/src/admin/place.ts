/** What the admin page shows, as it stands in its address. */
import { ADMIN_PATH } from "../app/routes.ts";

export const TABS = ["agents", "grants", "sessions", "audit", "alerts"] as const;
export type TabName = (typeof TABS)[number];

export interface Place {
  readonly tab: TabName;
  /** Ids; empty: all of them. */
  readonly agent: string;
  readonly diagram: string;
}

/** Whatever is wrong in it is ignored. */
export function placeFrom(query: string): Place {
  const said = new URLSearchParams(query);
  const tab = TABS.find((each) => each === said.get("tab")) ?? "agents";
  return { tab, agent: said.get("agent") ?? "", diagram: said.get("diagram") ?? "" };
}

export function placePath({ tab, agent = "", diagram = "" }: Partial<Place>): string {
  const query = new URLSearchParams();
  if (tab !== undefined && tab !== "agents") query.set("tab", tab);
  if (agent !== "") query.set("agent", agent);
  if (diagram !== "") query.set("diagram", diagram);
  const text = query.toString();
  return text === "" ? ADMIN_PATH : `${ADMIN_PATH}?${text}`;
}
