/**
 * The operation: one flat delta, at most one change a target.
 *
 * The *wire form* leaves every `was` out. The *log form* fills them in with what stood there before,
 * so that it can be inverted without the document. `was` is ignored on input and always filled in
 * anew. A path is a JSON Pointer (RFC 6901) into the element, for example `/data/label`.
 */
import type { Element, Json } from "./diagram.ts";

/** Removes `d` code points, or, in the log form, exactly the text `d`. */
export interface TextDelete {
  readonly d: number | string;
}
export type TextComponent = number | string | TextDelete;
/** A text edit in the JSON form of `ot-text-unicode`: skip n, insert text, delete. */
export type TextEdit = readonly TextComponent[];

/** Puts `value` at the path. `was` is missing where nothing stood there. */
export interface Set_ {
  readonly type: "set";
  readonly value: Json;
  readonly was?: Json;
}
/** Removes what stands at the path; nothing happens where nothing does. */
export interface Unset {
  readonly type: "unset";
  readonly was?: Json;
}
/** Edits the string at the path. */
export interface Text {
  readonly type: "text";
  readonly edit: TextEdit;
}
export type Write = Set_ | Unset | Text;
export type Writes = ReadonlyMap<string, Write>;

/** A new element under an id that is free. */
export interface Create {
  readonly type: "create";
  readonly element: Element;
}
/** Removes the element; the log form keeps it in `was`. */
export interface Delete {
  readonly type: "delete";
  readonly was?: Element;
}
/** Writes inside the element, by path; no path is a prefix of another. */
export interface Update {
  readonly type: "update";
  readonly writes: Writes;
}
/** The whole element anew: an update at the empty path. */
export interface Replace {
  readonly type: "replace";
  readonly element: Element;
  readonly was?: Element;
}
export type Change = Create | Delete | Update | Replace;
/** What may happen to the diagram's own properties, which always exist. */
export type PropertiesChange = Update | Replace;
export type Changes = ReadonlyMap<string, Change>;

/** One atomic delta: changes by node id, by edge id, and of the diagram's own properties. */
export interface Operation {
  readonly diagram: PropertiesChange | null;
  readonly nodes: Changes;
  readonly edges: Changes;
}

export const NOTHING: Operation = { diagram: null, nodes: new Map(), edges: new Map() };

export function isEmpty(a: Operation): boolean {
  return a.diagram === null && a.nodes.size === 0 && a.edges.size === 0;
}
