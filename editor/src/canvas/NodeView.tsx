import { Handle, type NodeProps, NodeResizer, Position } from "@xyflow/react";
import { type CSSProperties, memo, type ReactNode, useState } from "react";
import { CaretText, colourStyle } from "../text/index.ts";
import { useIsAlone, useIsConnecting, useIsEditing, useMarks } from "./context.ts";
import { iconOf, labelOf, objectAt, stringAt, typeOf } from "./fields.ts";
import type { FlowNode } from "./flow.ts";
import { LabelEditor } from "./LabelEditor.tsx";
import { type Look, lookOf } from "./looks.ts";
import type { Marks } from "./marks.ts";
import { PeerTags } from "./PeerTags.tsx";
import { type Drawing, drawingOf, SIDES, type Side } from "./shapes.ts";
import { isKnownType, kindOf } from "./shapeTable.ts";
import { measured } from "./wrap.ts";

/** Characters (UTF-16 units) from which on a label is held to its node. */
const LONG_LABEL = 500;

/** Pixels; smaller nodes could not be taken hold of. */
const MIN_RESIZED = 24;

const POSITIONS: Readonly<Record<Side, Position>> = {
  top: Position.Top,
  right: Position.Right,
  bottom: Position.Bottom,
  left: Position.Left,
};

/** A node: its shape, its label, what others do at it, and how to take hold of it. */
export const NodeView = memo(function NodeView(props: NodeProps<FlowNode>): ReactNode {
  const { id, data, selected, width = 0, height = 0 } = props;
  const { element } = data;
  const type = typeOf(element);
  const look = lookOf(element);
  const label = labelOf(element);
  const long = label.length > LONG_LABEL ? "cv-long" : "";
  const drawing = drawingOf(type, width, height);
  const marks = useMarks("node", id);
  const editing = useIsEditing("node", id);
  const [near, setNear] = useState(false);
  const connecting = useIsConnecting();
  const alone = useIsAlone(id);
  const description = stringAt(objectAt(element, "data"), "description");
  return (
    <div
      className={`cv-node cv-tone-${kindOf(type).tone} ${isKnownType(type) ? "" : "cv-unknown"} ${long}`}
      data-type={type}
      title={description}
      style={{ opacity: look.opacity }}
      onPointerEnter={() => setNear(true)}
      onPointerLeave={() => setNear(false)}
    >
      <Shape drawing={drawing} look={look} marks={marks} width={width} height={height} />
      <div className="cv-label" style={labelStyle(type, look, width, height)}>
        {iconOf(element) !== undefined && (
          <span className="cv-icon" aria-hidden="true">
            {iconOf(element)}
          </span>
        )}
        {editing ? (
          <LabelEditor place={{ target: "node", id, path: "/data/label" }} label="Label" />
        ) : (
          <span className="cv-text">
            <CaretText text={measured(label)} carets={marks.carets} />
          </span>
        )}
      </div>
      {!isKnownType(type) && <span className="cv-type-name">{type.slice(0, 40)}</span>}
      <PeerTags peers={marks.peers} />
      <Anchors drawing={drawing} />
      {props.isConnectable && (near || selected || connecting) && <Ports drawing={drawing} />}
      {alone && !editing && props.draggable && (
        <NodeResizer
          minWidth={MIN_RESIZED}
          minHeight={MIN_RESIZED}
          handleClassName="cv-resize"
          lineClassName="cv-resize-line"
        />
      )}
    </div>
  );
});

function labelStyle(type: string, look: Look, width: number, height: number): CSSProperties {
  const { inset } = kindOf(type);
  return {
    top: inset.top * height,
    right: inset.right * width,
    bottom: inset.bottom * height,
    left: inset.left * width,
    color: look.ink,
  };
}

function Shape(props: {
  drawing: Drawing;
  look: Look;
  marks: Marks;
  width: number;
  height: number;
}): ReactNode {
  const { drawing, look, marks, width, height } = props;
  const { fill, stroke, strokeWidth, dash } = look;
  const glow = marks.glow;
  const peer = marks.peers[0];
  return (
    <svg className="cv-shape" width={width} height={height} aria-hidden="true">
      {glow !== null && (
        <path
          key={glow.turn}
          className="cv-glow"
          d={drawing.outline}
          style={colourStyle(glow.colour)}
        />
      )}
      <path className="cv-halo" d={drawing.outline} />
      {peer !== undefined && (
        <path className="cv-peer-halo" d={drawing.outline} style={colourStyle(peer.colour)} />
      )}
      <path
        className="cv-outline"
        d={drawing.outline}
        style={{ fill, stroke, strokeWidth, strokeDasharray: dash }}
      />
      {drawing.detail !== "" && (
        <path className="cv-detail" d={drawing.detail} style={{ stroke, strokeWidth }} />
      )}
    </svg>
  );
}

/**
 * Where React Flow finds the ends of edges: it measures elements of the class `source`. Plain ones,
 * because a whole handle on each side of thousands of nodes would have to listen for everything.
 */
function Anchors({ drawing }: { drawing: Drawing }): ReactNode {
  return SIDES.map((side) => (
    <i
      key={side}
      className="source cv-anchor"
      data-handleid={side}
      data-handlepos={side}
      style={{ left: drawing.ports[side].x, top: drawing.ports[side].y }}
    />
  ));
}

function Ports({ drawing }: { drawing: Drawing }): ReactNode {
  return SIDES.map((side) => (
    <Handle
      key={side}
      id={side}
      type="source"
      position={POSITIONS[side]}
      className="cv-port"
      style={{ left: drawing.ports[side].x, top: drawing.ports[side].y }}
    />
  ));
}
