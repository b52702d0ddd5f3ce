import type { Author, DiagramView, LiveDiagram } from "@diagramai/client";
import {
  Background,
  BackgroundVariant,
  ConnectionLineType,
  ConnectionMode,
  ControlButton,
  Controls,
  type EdgeTypes,
  MiniMap,
  type NodeTypes,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
  useStore,
} from "@xyflow/react";
import {
  type DragEvent,
  type PointerEvent,
  type MouseEvent as ReactMouseEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from "react";
import "@xyflow/react/dist/base.css";
import "./canvas.css";
import "./nodes.css";
import "./palette.css";
import "./peers.css";
import { presenceOn } from "../text/index.ts";
import { Cursors } from "./Cursors.tsx";
import { CanvasContext } from "./context.ts";
import { EdgeView } from "./EdgeView.tsx";
import type { FlowEdge, FlowNode } from "./flow.ts";
import { focusElement } from "./LabelEditor.tsx";
import { lookOf } from "./looks.ts";
import { CanvasModel, type Made } from "./model.ts";
import { NodeView } from "./NodeView.tsx";
import { Palette, SHAPE_MIME } from "./Palette.tsx";
import { SelectionBar } from "./SelectionBar.tsx";
import type { Point } from "./shapes.ts";
import { isKnownType, kindOf } from "./shapeTable.ts";
import { useGestures } from "./useGestures.ts";
import { useClipboard, useKeys } from "./useKeys.ts";
import { useOthers } from "./useOthers.ts";
import { type Flow, fitAll, MIN_ZOOM, type PageWishes, usePageWishes } from "./usePageWishes.ts";

/** From this many nodes on, only what is in view is in the page. */
export const LARGE = 300;
/** How long a notice of the canvas stays. */
const NOTICE_MS = 6_000;
const MAX_ZOOM = 4;

const NODE_TYPES: NodeTypes = { shape: NodeView };
const EDGE_TYPES: EdgeTypes = { line: EdgeView };
const ADDING_KEYS = ["Shift", "Meta", "Control"];

export interface CanvasProps extends PageWishes {
  readonly live: LiveDiagram;
  readonly view: DiagramView;
  /** Who I am: my pointer in another window is marked as mine. */
  readonly self?: Author | null;
}

/** The picture of a live diagram, to look at and to draw in. Fills its parent. */
export function Canvas(props: CanvasProps): ReactNode {
  return (
    <ReactFlowProvider>
      <Board {...props} />
    </ReactFlowProvider>
  );
}

function Board(props: CanvasProps): ReactNode {
  const { live, view } = props;
  const model = useMemo(() => new CanvasModel(live), [live]);
  const state = useSyncExternalStore(model.subscribe, model.getState);
  const { marks, boxes } = useOthers(live, view);
  const flow = useReactFlow<FlowNode, FlowEdge>();
  const root = useRef<HTMLDivElement>(null);
  const pointer = usePointer(model, flow, root);
  const shared = useMemo(() => ({ model, marks }), [model, marks]);
  const addInMiddle = useCallback(
    (type: string) => addType(model, type, model.freePlaceNear(middleOf(flow, root.current), type)),
    [model, flow],
  );
  // Edits are kept while the server cannot be reached, so they may go on.
  const editable = !view.readOnly && (view.status === "ready" || view.status === "unavailable");
  useKeys(root, model);
  useClipboard(root, model, pointer.place);
  usePageWishes(props, model, flow, addInMiddle);
  useFirstFit(view, model, flow);
  useNoticeEnds(model, state.notice);
  useMadeFocus(state.made);
  useEffect(() => model.prune(view), [model, view]);
  return (
    <CanvasContext value={shared}>
      <div className="cv-root" ref={root}>
        {editable && <Palette onAdd={addInMiddle} />}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: nodes and edges inside take the keys; this only follows the pointer. */}
        <div
          className={`cv-stage ${editable ? "" : "cv-read-only"}`}
          onPointerMove={pointer.moved}
          onPointerLeave={pointer.left}
          onDragOver={allowDrop}
          onDrop={(event) => drop(event, model, flow)}
          onDoubleClick={(event) => addByDoubleClick(event, model, flow)}
        >
          <Picture
            model={model}
            view={view}
            theirs={boxes}
            editable={editable}
            self={props.self ?? null}
          />
          {view.status === "ready" && view.diagram.nodes.size === 0 && (
            <p className="cv-empty">
              Nothing is drawn yet.
              {editable && " Add a shape, or double click here."}
            </p>
          )}
          {editable && <SelectionBar model={model} selection={state.selection} />}
          <p className="cv-notice" role="status">
            {state.notice}
          </p>
        </div>
      </div>
    </CanvasContext>
  );
}

function Picture(props: {
  model: CanvasModel;
  view: DiagramView;
  theirs: ReturnType<typeof useOthers>["boxes"];
  editable: boolean;
  self: Author | null;
}): ReactNode {
  const { model, view, theirs, editable, self } = props;
  const state = useSyncExternalStore(model.subscribe, model.getState);
  const { nodes, edges } = model.builder.build({
    diagram: view.diagram,
    boxes: state.boxes.size === 0 ? theirs : new Map([...theirs, ...state.boxes]),
    selectedNodes: state.selection.nodes,
    selectedEdges: state.selection.edges,
  });
  const gestures = useGestures(model);
  return (
    <ReactFlow<FlowNode, FlowEdge>
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      edgeTypes={EDGE_TYPES}
      {...gestures}
      connectionMode={ConnectionMode.Loose}
      connectionLineType={ConnectionLineType.SmoothStep}
      connectionRadius={24}
      defaultMarkerColor={null}
      deleteKeyCode={null}
      multiSelectionKeyCode={ADDING_KEYS}
      selectionKeyCode="Shift"
      selectionMode={SelectionMode.Partial}
      disableKeyboardA11y
      nodesDraggable={editable}
      nodesConnectable={editable}
      edgesReconnectable={editable}
      nodesFocusable
      edgesFocusable
      onlyRenderVisibleElements={nodes.length > LARGE}
      zoomOnDoubleClick={false}
      minZoom={MIN_ZOOM}
      maxZoom={MAX_ZOOM}
      attributionPosition="bottom-center"
      aria-label="Diagram"
    >
      <Background variant={BackgroundVariant.Dots} gap={20} size={1.5} />
      <Cursors peers={view.peers} self={self} />
      <Controls showInteractive={false} showFitView={false} orientation="horizontal">
        <FitButton model={model} />
      </Controls>
      <MiniMap<FlowNode>
        pannable
        zoomable
        ariaLabel="Map of the diagram"
        nodeColor={mapColour}
        nodeBorderRadius={6}
      />
    </ReactFlow>
  );
}

/** React Flow's own would bring into view whatever there is, however far out. */
function FitButton({ model }: { model: CanvasModel }): ReactNode {
  const flow = useReactFlow<FlowNode, FlowEdge>();
  return (
    <ControlButton
      className="react-flow__controls-fitview"
      title="Fit view"
      aria-label="Fit view"
      onClick={() => fitAll(model, flow)}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M1 6V1h5v2H3v3zM10 1h5v5h-2V3h-3zM13 10h2v5h-5v-2h3zM6 15H1v-5h2v3h3z" />
      </svg>
    </ControlButton>
  );
}

function mapColour(node: FlowNode): string {
  const look = lookOf(node.data.element);
  return look.stroke ?? look.fill ?? "var(--cv-map-node)";
}

/** Shows my pointer to others, and remembers where it is for pasting. */
function usePointer(model: CanvasModel, flow: Flow, root: RefObject<HTMLDivElement | null>) {
  const last = useRef<Point | null>(null);
  const place = useCallback(() => last.current ?? middleOf(flow, root.current), [flow, root]);
  const moved = (event: PointerEvent) => {
    const { x, y } = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    last.current = { x: Math.round(x), y: Math.round(y) };
    presenceOn(model.live).set("cursor", { x: last.current.x, y: last.current.y });
  };
  const left = () => {
    last.current = null;
    presenceOn(model.live).set("cursor", undefined);
  };
  return { place, moved, left };
}

/** The middle of what is in view, in flow units. */
function middleOf(flow: Flow, root: HTMLElement | null): Point {
  const box = (root?.querySelector(".cv-stage") ?? document.body).getBoundingClientRect();
  return flow.screenToFlowPosition({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
}

function addType(model: CanvasModel, type: string, centre: Point): string | null {
  if (!isKnownType(type)) return null;
  // A connector has room for a letter or two.
  return model.addNode(type, centre, type === "connector" ? "" : kindOf(type).label);
}

function allowDrop(event: DragEvent): void {
  if (!event.dataTransfer.types.includes(SHAPE_MIME)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
}

function drop(event: DragEvent, model: CanvasModel, flow: Flow): void {
  const type = event.dataTransfer.getData(SHAPE_MIME);
  if (type === "" || model.view.readOnly) return;
  event.preventDefault();
  addType(model, type, flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }));
}

function addByDoubleClick(event: ReactMouseEvent, model: CanvasModel, flow: Flow): void {
  if (!(event.target instanceof Element) || !event.target.matches(".react-flow__pane")) return;
  const centre = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
  const id = model.addNode("process", centre, "");
  if (id !== null) model.startEditing("node", id);
}

/** Once, as soon as diagram and canvas are there: all of it in view. */
function useFirstFit(view: DiagramView, model: CanvasModel, flow: Flow): void {
  const done = useRef(false);
  const measured = useStore((store) => store.panZoom !== null && store.width > 0);
  const ready = view.status === "ready" && measured;
  const empty = view.diagram.nodes.size === 0;
  useEffect(() => {
    if (!ready || done.current) return;
    done.current = true;
    if (!empty) fitAll(model, flow);
  }, [ready, empty, model, flow]);
}

/** Frames within which React Flow shows a new element. */
const MAX_FRAMES = 10;

/** What was just made gets the focus, so that keys go on with it. */
function useMadeFocus(made: Made | null): void {
  useEffect(() => {
    if (made === null) return;
    let frame = 0;
    const attempt = (left: number) => {
      frame = requestAnimationFrame(() => {
        if (!focusElement(made) && left > 0) attempt(left - 1);
      });
    };
    attempt(MAX_FRAMES);
    return () => cancelAnimationFrame(frame);
  }, [made]);
}

function useNoticeEnds(model: CanvasModel, notice: string | null): void {
  useEffect(() => {
    if (notice === null) return;
    const timer = setTimeout(() => model.dismissNotice(), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [model, notice]);
}
