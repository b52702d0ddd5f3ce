// Answers as the editor does: sizes, drawings, absolute places and the lines of edges.
// node editor_geometry.mjs path/of/editor < question.json > answer.json
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const editor = resolve(process.argv[2]);
const at = (...parts) => pathToFileURL(join(editor, ...parts)).href;

// The canvas takes only the values of the document from the client.
registerHooks({
  resolve: (name, context, next) =>
    next(name === "@diagramai/client" ? at("src", "ot", "index.ts") : name, context),
});

const canvas = (name) => import(at("src", "canvas", name));
const { nodeSize } = await canvas("sizes.ts");
const { drawingOf } = await canvas("shapes.ts");
const { sidesFor, turnsOf } = await canvas("floating.ts");
const { paintOrder } = await canvas("order.ts");
const { edgeLabelOf, iconOf, labelOf, positionOf, stringAt, typeOf } = await canvas("fields.ts");
const { countLines } = await canvas("wrap.ts");
const flow = await import(at("node_modules", "@xyflow", "system", "dist", "esm", "index.mjs"));

const question = JSON.parse(readFileSync(0, "utf8"));
const nodes = new Map(question.nodes);
const { ids, parents } = paintOrder(nodes);
const rects = new Map();
for (const id of ids) {
  const element = nodes.get(id);
  const origin = rects.get(parents.get(id)) ?? { x: 0, y: 0 };
  const { x, y } = positionOf(element);
  rects.set(id, { x: x + origin.x, y: y + origin.y, ...nodeSize(element) });
}

function nodeAnswer([id, element]) {
  const { width, height } = nodeSize(element);
  const drawing = drawingOf(typeOf(element), width, height);
  return { ...rects.get(id), label: labelOf(element), icon: iconOf(element) ?? null, ...drawing };
}

function end(id, side) {
  const rect = rects.get(id);
  const port = drawingOf(typeOf(nodes.get(id)), rect.width, rect.height).ports[side];
  return { x: rect.x + port.x, y: rect.y + port.y };
}

const handlesOf = (element) => ({ source: element.sourceHandle, target: element.targetHandle });
const turns = turnsOf(
  question.edges.map(([id, element]) => [
    id,
    { ...handlesOf(element), ends: [element.source, element.target] },
  ]),
);

function edgeAnswer([id, element]) {
  const source = rects.get(element.source);
  const target = rects.get(element.target);
  const turn = turns.get(id) ?? 0;
  const [sourcePosition, targetPosition] = sidesFor(handlesOf(element), source, target, turn);
  const start = end(element.source, sourcePosition);
  const finish = end(element.target, targetPosition);
  const ends = {
    sourceX: start.x, sourceY: start.y, sourcePosition,
    targetX: finish.x, targetY: finish.y, targetPosition,
  };
  const [path, x, y] = line(stringAt(element, "type"), ends);
  return { path, label: [x, y], text: edgeLabelOf(element).text };
}

function line(type, ends) {
  if (type === "straight") return flow.getStraightPath(ends);
  if (type === "step") return flow.getSmoothStepPath({ ...ends, borderRadius: 0 });
  if (type === "smoothstep") return flow.getSmoothStepPath({ ...ends, borderRadius: 8 });
  return flow.getBezierPath(ends);
}

process.stdout.write(
  JSON.stringify({
    nodes: question.nodes.map(nodeAnswer),
    edges: question.edges.map(edgeAnswer),
    lines: question.texts.map(([text, width]) => countLines(text, width)),
  }),
);
