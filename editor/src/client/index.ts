/**
 * `@diagramai/client`: follow and edit diagrams of a DiagramAI server, in browsers and in Node.
 *
 *     const connection = connect({ url: location.origin });
 *     const diagram = connection.open(id);
 *     diagram.subscribe(() => draw(diagram.getSnapshot()));
 *     diagram.edit(moveNodes(new Map([["n1", { x: 40, y: 80 }]])));
 */
export * from "../ot/index.ts";
export * from "./building.ts";
export { COLOURS, colourOf } from "./colour.ts";
export { connect } from "./connection.ts";
export * from "./flow_changes.ts";
export { IndexedDbStore } from "./indexed_db.ts";
export { nameOf } from "./naming.ts";
export { valueAtPath } from "./paths.ts";
export {
  type FlowEdge,
  type FlowNode,
  type FlowPoint,
  flowEdges,
  flowNodes,
} from "./react_flow.ts";
export type { WebSocketLike } from "./socket.ts";
export { MemoryStore, type PendingRecord, type PendingStore } from "./store.ts";
export { movePosition, textChange } from "./text.ts";
export * from "./types.ts";
