/** The log form of an edit, read off the diagram before it is applied. */
import { changeElement, writeElement } from "../ot/elements.ts";
import {
  type Change,
  type Changes,
  type Diagram,
  type Element,
  type Operation,
  type PropertiesChange,
  propertiesOf,
} from "../ot/index.ts";

/**
 * `a` with what it replaces in `S`. Costs time by the size of `a`. Throws OperationError where a
 * change does not fit its element; references are not looked at.
 */
export function logOf(S: Diagram, a: Operation): Operation {
  return {
    diagram: a.diagram === null ? null : logProperties(S, a.diagram),
    nodes: logChanges(S.nodes, a.nodes),
    edges: logChanges(S.edges, a.edges),
  };
}

function logProperties(S: Diagram, change: PropertiesChange): PropertiesChange {
  const was = propertiesOf(S);
  if (change.type === "update") return writeElement(was, change.writes).logged;
  return { type: "replace", element: change.element, was };
}

function logChanges(elements: ReadonlyMap<string, Element>, changes: Changes): Changes {
  const out = new Map<string, Change>();
  for (const [id, change] of changes) {
    out.set(id, changeElement(elements.get(id), change).logged);
  }
  return out;
}
