/** Diagrams that scenes begin with, as the `content` of `POST /api/diagrams`. */

type Fields = Record<string, unknown>;

/** Long enough that words which an agent adds to it are merged as text, not set whole. */
export const PACK = "Pack the parcel";

/** Order -> Pack the parcel -> Deliver, well apart. */
export function deliveries(): Fields {
  return {
    nodes: [
      node("order", "start", "Order comes in", 0),
      node("pack", "process", PACK, 180),
      node("deliver", "end", "Deliver to the door", 360),
    ],
    edges: [
      { id: "order-pack", source: "order", target: "pack", type: "smoothstep" },
      { id: "pack-deliver", source: "pack", target: "deliver", type: "smoothstep" },
    ],
  };
}

/** Two nodes that nothing joins yet. */
export function twoAlone(): Fields {
  return {
    nodes: [node("order", "process", "Order comes in", 0), node("pack", "process", PACK, 180)],
    edges: [],
  };
}

/** So many nodes in rows of 25. */
export function manyNodes(count: number): Fields {
  const nodes = Array.from({ length: count }, (_, i) => ({
    id: `n${i}`,
    type: "process",
    position: { x: (i % 25) * 200, y: Math.floor(i / 25) * 100 },
    data: { label: `Step ${i}` },
  }));
  return { nodes, edges: [] };
}

function node(id: string, type: string, label: string, y: number): Fields {
  return { id, type, position: { x: 240, y }, data: { label } };
}
