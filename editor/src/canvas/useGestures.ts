import { type Connection, type FinalConnectionState, useReactFlow } from "@xyflow/react";
import { useMemo } from "react";
import type { FlowEdge, FlowNode } from "./flow.ts";
import type { CanvasModel } from "./model.ts";
import type { Point } from "./shapes.ts";

/** React Flow's events, handed to the model. */
export function useGestures(model: CanvasModel) {
  const flow = useReactFlow<FlowNode, FlowEdge>();
  return useMemo(() => {
    const at = (event: MouseEvent | TouchEvent) => {
      const touch = "changedTouches" in event ? event.changedTouches[0] : event;
      return flow.screenToFlowPosition({ x: touch?.clientX ?? 0, y: touch?.clientY ?? 0 });
    };
    const begin = () => model.setConnecting(true);
    const moving = (_event: unknown, _node: unknown, nodes: readonly unknown[]) =>
      model.showMoving(nodes.length);
    const moved = () => model.showMoving(null);
    return {
      onNodesChange: (changes: Parameters<CanvasModel["nodesChanged"]>[0]) =>
        model.nodesChanged(changes),
      onEdgesChange: (changes: Parameters<CanvasModel["edgesChanged"]>[0]) =>
        model.edgesChanged(changes),
      onConnect: (connection: Connection) => model.connect(connection),
      onConnectStart: begin,
      onConnectEnd: (event: MouseEvent | TouchEvent, end: FinalConnectionState) => {
        model.setConnecting(false);
        if (end.isValid !== true) dropEdge(model, end, at(event));
      },
      onReconnect: (edge: FlowEdge, connection: Connection) => model.reconnect(edge, connection),
      onReconnectStart: begin,
      onReconnectEnd: (
        event: MouseEvent | TouchEvent,
        edge: FlowEdge,
        fixed: "source" | "target",
        end: FinalConnectionState,
      ) => {
        model.setConnecting(false);
        if (end.isValid !== true) dropEdgeEnd(model, edge, fixed, at(event));
      },
      isValidConnection: (edge: { source: string; target: string }) => edge.source !== edge.target,
      onNodeDragStart: moving,
      onNodeDragStop: moved,
      onSelectionDragStart: (_event: unknown, nodes: readonly unknown[]) =>
        model.showMoving(nodes.length),
      onSelectionDragStop: moved,
      onNodeDoubleClick: (_event: unknown, node: FlowNode) => {
        model.startEditing("node", node.id);
      },
      onEdgeDoubleClick: (_event: unknown, edge: FlowEdge) => {
        model.startEditing("edge", edge.id);
      },
    };
  }, [model, flow]);
}

/** An edge let go over a node's body joins it there, at whichever side faces best. */
function dropEdge(model: CanvasModel, end: FinalConnectionState, point: Point): void {
  const source = end.fromNode?.id;
  const target = source === undefined ? undefined : model.nodeAt(point, source);
  if (source === undefined || target === undefined) return;
  const sourceHandle = end.fromHandle?.id ?? null;
  model.connect({ source, sourceHandle, target, targetHandle: null });
}

function dropEdgeEnd(
  model: CanvasModel,
  edge: FlowEdge,
  fixed: "source" | "target",
  point: Point,
): void {
  const node = model.nodeAt(point, edge[fixed]);
  if (node === undefined) return;
  const { source, target, sourceHandle = null, targetHandle = null } = edge;
  const ends = { source, target, sourceHandle, targetHandle };
  if (fixed === "target") model.reconnect(edge, { ...ends, source: node, sourceHandle: null });
  else model.reconnect(edge, { ...ends, target: node, targetHandle: null });
}
