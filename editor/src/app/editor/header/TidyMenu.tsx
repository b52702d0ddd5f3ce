import type { DiagramView, LiveDiagram } from "@diagramai/client";
import type { JSX } from "react";
import { type Direction, planLayout } from "../../api/engine.ts";
import { tell } from "../../telling.ts";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { Popover } from "../../ui/Popover.tsx";
import { useBusy } from "../../useBusy.ts";
import { count } from "../../words/count.ts";
import { isNothing, makeProposed } from "../proposals.ts";
import type { Selection } from "../selection.ts";

const DIRECTIONS: readonly { direction: Direction; words: string; icon: IconName }[] = [
  { direction: "TB", words: "Downwards", icon: "down" },
  { direction: "LR", words: "To the right", icon: "right" },
];

interface TidyMenuProps {
  live: LiveDiagram;
  view: DiagramView;
  selection: Selection;
  online: boolean;
}

/** Arranges all nodes, or those that are selected, in one edit of mine. */
export function TidyMenu({ live, view, selection, online }: TidyMenuProps): JSX.Element {
  const { busy, run } = useBusy();
  const tidy = async (direction: Direction, only: readonly string[] | null): Promise<void> => {
    const ask = () => planLayout(live.id, direction, only);
    const plan = await makeProposed(live, ask, { label: "layout" });
    if (isNothing(plan)) tell("It is tidy already: nothing moved.");
  };
  return (
    <Popover
      label={busy ? "Tidying up…" : "Tidy up"}
      buttonClass="app-icon-button"
      busy={busy}
      disabled={!online || view.readOnly || view.diagram.nodes.size === 0}
      button={<Icon name={busy ? "saving" : "tidy"} className={busy ? "app-turning" : ""} />}
    >
      {(close) => {
        const choose = (only: readonly string[] | null) => (direction: Direction) => {
          close();
          run(() => tidy(direction, only));
        };
        const { nodes } = selection;
        return (
          <>
            {nodes.length > 1 && (
              <Choice title={`Tidy up ${count(nodes.length, "node")}`} onChoose={choose(nodes)} />
            )}
            <Choice title="Tidy up everything" onChoose={choose(null)} />
          </>
        );
      }}
    </Popover>
  );
}

interface ChoiceProps {
  title: string;
  onChoose: (direction: Direction) => void;
}

function Choice({ title, onChoose }: ChoiceProps): JSX.Element {
  return (
    <section aria-label={title}>
      <h2 className="app-menu-title">{title}</h2>
      <ul className="app-menu">
        {DIRECTIONS.map(({ direction, words, icon }) => (
          <li key={direction}>
            <button type="button" onClick={() => onChoose(direction)}>
              <Icon name={icon} />
              {words}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
