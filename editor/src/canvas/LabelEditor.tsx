import type { ReactNode } from "react";
import { LiveTextField, type TextPlace } from "../text/index.ts";
import { useCanvas, useLiveView } from "./context.ts";
import { isUnnamed } from "./fields.ts";

/** The field in which a label is edited where it stands. */
export function LabelEditor(props: { place: TextPlace; label: string }): ReactNode {
  const { model } = useCanvas();
  const view = useLiveView();
  const { place } = props;
  const end = (why: string) => {
    model.endEditing(place);
    // The keys go on working on what was edited.
    if (why === "escape" || why === "enter") focusElement(place);
  };
  return (
    <LiveTextField
      {...place}
      live={model.live}
      view={view}
      label={props.label}
      className="cv-label-field nodrag nopan nowheel"
      multiline
      enterEnds
      autoSize
      autoFocus
      selectAll={place.target === "node" && isUnnamed(view.diagram.nodes.get(place.id))}
      onEnd={end}
      onRefused={(message) => model.tell(message)}
    />
  );
}

/** Puts the focus on the node or edge on the canvas. Returns whether it is there. */
export function focusElement(place: { readonly target: string; readonly id: string }): boolean {
  const kind = place.target === "node" ? "node" : "edge";
  const selector = `.react-flow__${kind}[data-id="${CSS.escape(place.id)}"]`;
  const element = document.querySelector<HTMLElement | SVGElement>(selector);
  element?.focus({ preventScroll: true });
  return element !== null;
}
