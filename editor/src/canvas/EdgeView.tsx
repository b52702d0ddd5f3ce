import {
  BaseEdge,
  EdgeLabelRenderer,
  type EdgeProps,
  getBezierPath,
  getSmoothStepPath,
  getStraightPath,
} from "@xyflow/react";
import { memo, type ReactNode, useId } from "react";
import { CaretText, colourStyle } from "../text/index.ts";
import { useCanvas, useIsEditing, useMarks } from "./context.ts";
import { edgeLabelOf, stringAt } from "./fields.ts";
import type { FlowEdge } from "./flow.ts";
import { LabelEditor } from "./LabelEditor.tsx";
import { edgeLookOf } from "./looks.ts";
import { PeerTags } from "./PeerTags.tsx";
import { SignMarker } from "./SignMarker.tsx";

/** Pixels around a line that still take hold of it. */
const GRIP = 24;
/** Pixels of the corners of "smoothstep". */
const CORNER = 8;

/** The path of an edge of this type, and the middle of it. Unknown types are curves. */
function pathOf(type: string | undefined, props: EdgeProps<FlowEdge>): [string, number, number] {
  switch (type) {
    case "straight": {
      const [path, x, y] = getStraightPath(props);
      return [path, x, y];
    }
    case "step":
    case "smoothstep": {
      const borderRadius = type === "step" ? 0 : CORNER;
      const [path, x, y] = getSmoothStepPath({ ...props, borderRadius });
      return [path, x, y];
    }
    default: {
      const [path, x, y] = getBezierPath(props);
      return [path, x, y];
    }
  }
}

/** An edge: its line, its label, what others do at it. */
export const EdgeView = memo(function EdgeView(props: EdgeProps<FlowEdge>): ReactNode {
  const { id, data, selected = false } = props;
  const element = data?.element ?? {};
  const [path, x, y] = pathOf(stringAt(element, "type"), props);
  const marks = useMarks("edge", id);
  const editing = useIsEditing("edge", id);
  const { stroke, strokeWidth, dash, opacity } = edgeLookOf(element);
  const signId = useId();
  const { start, end } = data?.signs ?? {};
  const markers = {
    ...atEnd("markerStart", start === undefined ? props.markerStart : `url(#${signId}start)`),
    ...atEnd("markerEnd", end === undefined ? props.markerEnd : `url(#${signId}end)`),
  };
  const peer = marks.peers[0];
  const glow = marks.glow;
  return (
    <>
      {peer !== undefined && (
        <path className="cv-edge-peer" d={path} style={colourStyle(peer.colour)} />
      )}
      {glow !== null && (
        <path key={glow.turn} className="cv-edge-glow" d={path} style={colourStyle(glow.colour)} />
      )}
      <SignMarker id={`${signId}start`} sign={start} />
      <SignMarker id={`${signId}end`} sign={end} />
      <BaseEdge
        id={id}
        path={path}
        interactionWidth={GRIP}
        style={{
          stroke: selected ? undefined : stroke,
          strokeWidth,
          strokeDasharray: dash,
          opacity,
        }}
        {...markers}
      />
      <EdgeLabel id={id} x={x} y={y} element={element} editing={editing} selected={selected} />
    </>
  );
});

function atEnd(name: "markerStart" | "markerEnd", url: string | undefined) {
  return url === undefined ? {} : { [name]: url };
}

function EdgeLabel(props: {
  id: string;
  x: number;
  y: number;
  element: NonNullable<EdgeProps<FlowEdge>["data"]>["element"];
  editing: boolean;
  selected: boolean;
}): ReactNode {
  const { id, x, y, editing, selected } = props;
  const { model } = useCanvas();
  const marks = useMarks("edge", id);
  const { text, path } = edgeLabelOf(props.element);
  if (text === "" && !editing && marks.peers.length === 0 && marks.carets.length === 0) return null;
  return (
    <EdgeLabelRenderer>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the edge itself is what the keyboard reaches. */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above. */}
      <div
        className={`cv-edge-label nodrag nopan ${selected ? "cv-selected" : ""} ${text === "" && !editing ? "cv-bare" : ""}`}
        style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
        onClick={(event) => selectEdge(event.shiftKey, id)}
        onDoubleClick={() => model.startEditing("edge", id)}
      >
        {editing ? (
          <LabelEditor place={{ target: "edge", id, path }} label="Label of the edge" />
        ) : (
          <CaretText text={text} carets={marks.carets} />
        )}
        <PeerTags peers={marks.peers} />
      </div>
    </EdgeLabelRenderer>
  );

  function selectEdge(adding: boolean, edge: string): void {
    if (editing) return;
    const { nodes, edges } = model.getState().selection;
    if (adding) model.select(nodes, [...edges, edge]);
    else model.select([], [edge]);
  }
}
