import type { Element } from "@diagramai/client";
import type { JSX } from "react";
import { positionOf, typeOf } from "../../../canvas/fields.ts";
import { NODE_KINDS } from "../../../canvas/shapeTable.ts";
import { MAX_SIDE, MIN_SIDE, nodeSize } from "../../../canvas/sizes.ts";
import { LiveTextField } from "../../../text/index.ts";
import { tell } from "../../telling.ts";
import { ColourField } from "./fields/ColourField.tsx";
import { NumberField } from "./fields/NumberField.tsx";
import { type Option, SelectField } from "./fields/SelectField.tsx";
import {
  type ColourPlace,
  colourAt,
  colourWishes,
  NODE_COLOUR,
  NODE_COLOURS,
  positionWishes,
  sizeWishes,
} from "./nodeWishes.ts";
import type { PartProps } from "./types.ts";
import { elementsOf, shared, type Wish, writeAll } from "./writes.ts";

/** Flow units; the canvas draws nothing further out. */
const MAX_COORDINATE = 1e7;

type NodeProps = PartProps & { ids: readonly string[] };

export function NodeProperties({ live, view, edit, ids }: NodeProps): JSX.Element {
  const elements = elementsOf(view.diagram, "nodes", ids);
  const disabled = view.readOnly;
  const [only] = ids;
  const write = (wishesFor: (element: Element) => readonly Wish[]): void =>
    edit(writeAll(view.diagram, "nodes", ids, wishesFor));
  const colour = (place: ColourPlace): JSX.Element => (
    <ColourField
      key={place.path}
      label={place.label}
      value={shared(elements, (element) => colourAt(element, place))}
      strong={place.label !== "Fill"}
      disabled={disabled}
      onChoose={(chosen) => write(() => colourWishes(place, chosen))}
    />
  );
  return (
    <>
      {ids.length === 1 && only !== undefined && <NodeTexts live={live} view={view} id={only} />}
      <SelectField
        label="Type"
        value={shared(elements, typeOf)}
        disabled={disabled}
        options={TYPES}
        onChoose={(type) => write(() => [["/type", type]])}
      />
      {colour(NODE_COLOUR)}
      <details className="app-more">
        <summary>Fill, border and text colour</summary>
        {NODE_COLOURS.map(colour)}
      </details>
      <Box elements={elements} disabled={disabled} write={write} />
    </>
  );
}

function NodeTexts({
  live,
  view,
  id,
}: Pick<NodeProps, "live" | "view"> & { id: string }): JSX.Element {
  const field = { live, view, target: "node", id, multiline: true, autoSize: true } as const;
  return (
    <>
      <div className="app-field">
        <span aria-hidden="true">Label</span>
        <LiveTextField
          key={`${id}-label`}
          {...field}
          path="/data/label"
          label="Node label"
          onRefused={tell}
        />
      </div>
      <div className="app-field">
        <span aria-hidden="true">Description</span>
        <LiveTextField
          key={`${id}-description`}
          {...field}
          path="/data/description"
          label="Node description"
          onRefused={tell}
          placeholder="Not shown on the canvas"
        />
      </div>
    </>
  );
}

interface BoxProps {
  elements: readonly Element[];
  disabled: boolean;
  write: (wishesFor: (element: Element) => readonly Wish[]) => void;
}

/** Place and size in flow units. An emptied size is the type's own again. */
function Box({ elements, disabled, write }: BoxProps): JSX.Element {
  const bounds = { least: -MAX_COORDINATE, most: MAX_COORDINATE, disabled };
  const sides = { least: MIN_SIDE, most: MAX_SIDE, disabled };
  return (
    <div className="app-numbers">
      {(["x", "y"] as const).map((axis) => (
        <NumberField
          key={axis}
          label={axis.toUpperCase()}
          value={shared(elements, (element) => positionOf(element)[axis])}
          {...bounds}
          onCommit={(value) =>
            value !== undefined && write((element) => positionWishes(element, axis, value))
          }
        />
      ))}
      {(["width", "height"] as const).map((side) => (
        <NumberField
          key={side}
          label={side === "width" ? "Width" : "Height"}
          value={shared(elements, (element) => nodeSize(element)[side])}
          {...sides}
          onCommit={(value) => write(() => sizeWishes(side, value))}
        />
      ))}
    </div>
  );
}

const TYPES: ReadonlyMap<string, readonly Option[]> = typesByGroup();

function typesByGroup(): Map<string, Option[]> {
  const groups = new Map<string, Option[]>();
  for (const { type, label, group } of NODE_KINDS) {
    const known = groups.get(group);
    if (known === undefined) groups.set(group, [[type, label]]);
    else known.push([type, label]);
  }
  return groups;
}
