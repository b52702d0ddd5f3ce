import { type Element, valueAt } from "@diagramai/client";
import type { JSX } from "react";
import { edgeLabelOf, typeOf } from "../../../canvas/fields.ts";
import { LiveTextField } from "../../../text/index.ts";
import { tell } from "../../telling.ts";
import {
  ARROWS,
  arrowAt,
  arrowWishes,
  dashWishes,
  EDGE_TYPES,
  type End,
  isDashed,
} from "./edgeWishes.ts";
import { CheckField } from "./fields/CheckField.tsx";
import { ColourField } from "./fields/ColourField.tsx";
import { SelectField } from "./fields/SelectField.tsx";
import { colourAt, colourWishes, EDGE_COLOUR } from "./nodeWishes.ts";
import type { PartProps } from "./types.ts";
import { elementsOf, shared, type Wish, writeAll } from "./writes.ts";

const ENDS: readonly (readonly [end: End, label: string])[] = [
  ["markerStart", "Start"],
  ["markerEnd", "End"],
];

type EdgeProps = PartProps & { ids: readonly string[] };

export function EdgeProperties({ live, view, edit, ids }: EdgeProps): JSX.Element {
  const elements = elementsOf(view.diagram, "edges", ids);
  const disabled = view.readOnly;
  const [only] = elements;
  const write = (wishesFor: (element: Element) => readonly Wish[]): void =>
    edit(writeAll(view.diagram, "edges", ids, wishesFor));
  return (
    <>
      {ids.length === 1 && only !== undefined && (
        <div className="app-field">
          <span aria-hidden="true">Label</span>
          <LiveTextField
            key={ids[0]}
            live={live}
            view={view}
            target="edge"
            id={ids[0] ?? ""}
            path={edgeLabelOf(only).path}
            label="Edge label"
            onRefused={tell}
          />
        </div>
      )}
      <SelectField
        label="Line"
        value={shared(elements, typeOf)}
        disabled={disabled}
        options={EDGE_TYPES}
        onChoose={(type) => write(() => [["/type", type]])}
      />
      <ColourField
        label="Colour"
        value={shared(elements, (element) => colourAt(element, EDGE_COLOUR))}
        strong
        disabled={disabled}
        onChoose={(colour) => write(() => colourWishes(EDGE_COLOUR, colour))}
      />
      <div className="app-numbers">
        {ENDS.map(([end, label]) => (
          <SelectField
            key={end}
            label={label}
            value={shared(elements, (element) => arrowAt(element, end))}
            disabled={disabled}
            options={ARROWS}
            onChoose={(chosen) =>
              write((element) =>
                arrowWishes(element, end, ARROWS.find(([name]) => name === chosen)?.[0] ?? "none"),
              )
            }
          />
        ))}
      </div>
      <CheckField
        label="Dashed"
        value={shared(elements, isDashed)}
        disabled={disabled}
        onChange={(dashed) => write((element) => dashWishes(element, dashed))}
      />
      <CheckField
        label="Animated"
        value={shared(elements, (element) => valueAt(element, "animated") === true)}
        disabled={disabled}
        onChange={(animated) => write(() => [["/animated", animated ? true : undefined]])}
      />
    </>
  );
}
