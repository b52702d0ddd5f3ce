import {
  type DragEvent,
  type KeyboardEvent,
  memo,
  type ReactNode,
  useId,
  useMemo,
  useRef,
  useState,
} from "react";
import { drawingOf } from "./shapes.ts";
import { NODE_KINDS, type NodeKind } from "./shapeTable.ts";

/** What a dragged shape is called in the browser's drag data. */
export const SHAPE_MIME = "application/x-diagramai-shape";

interface PaletteProps {
  /** Adds a node of this type to the middle of the view. */
  readonly onAdd: (type: string) => void;
}

/** The shapes to draw with: dragged onto the canvas, or added by click or Enter. */
export const Palette = memo(function Palette({ onAdd }: PaletteProps): ReactNode {
  const [open, setOpen] = useState(false);
  const [wanted, setWanted] = useState("");
  const groups = useMemo(() => groupsOf(matching(wanted)), [wanted]);
  const title = useId();
  const add = (type: string) => {
    onAdd(type);
    setOpen(false);
  };
  const toggle = useRef<HTMLButtonElement>(null);
  // The first Escape empties the search, as in every search field.
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !open || wanted !== "") return;
    event.stopPropagation();
    setOpen(false);
    toggle.current?.focus();
  };
  return (
    <aside
      className={`cv-palette ${open ? "cv-open" : ""}`}
      aria-labelledby={title}
      onKeyDown={pressed}
    >
      <button
        ref={toggle}
        type="button"
        className="cv-palette-toggle"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {open ? "Close" : "Add a shape"}
      </button>
      <div className="cv-palette-body">
        <h2 id={title}>Shapes</h2>
        <input
          type="search"
          className="cv-search"
          placeholder="Find a shape"
          aria-label="Find a shape"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
          onKeyDown={(event) => {
            const first = groups[0]?.kinds[0];
            if (event.key === "Enter" && wanted !== "" && first !== undefined) add(first.type);
          }}
        />
        <div className="cv-palette-groups">
          {groups.map(({ group, kinds }) => (
            <section key={group} aria-label={group}>
              <h3>{group}</h3>
              <div className="cv-palette-grid">
                {kinds.map((kind) => (
                  <Item key={kind.type} kind={kind} onAdd={add} />
                ))}
              </div>
            </section>
          ))}
          {groups.length === 0 && <p className="cv-none">No shape is called that.</p>}
        </div>
      </div>
    </aside>
  );
});

function matching(wanted: string): readonly NodeKind[] {
  const words = wanted.trim().toLowerCase().split(/\s+/);
  return NODE_KINDS.filter((kind) => {
    const names = `${kind.label} ${kind.type} ${kind.group}`.toLowerCase();
    return words.every((word) => names.includes(word));
  });
}

function groupsOf(kinds: readonly NodeKind[]): { group: string; kinds: NodeKind[] }[] {
  const groups = [...new Set(kinds.map((kind) => kind.group))];
  return groups.map((group) => ({ group, kinds: kinds.filter((kind) => kind.group === group) }));
}

/** Pixels of the little picture. */
const PICTURE_WIDTH = 46;
const PICTURE_HEIGHT = 30;

function Item({ kind, onAdd }: { kind: NodeKind; onAdd: (type: string) => void }): ReactNode {
  const drag = (event: DragEvent) => {
    event.dataTransfer.setData(SHAPE_MIME, kind.type);
    event.dataTransfer.effectAllowed = "copy";
  };
  return (
    <button
      type="button"
      className={`cv-item cv-tone-${kind.tone}`}
      draggable
      onDragStart={drag}
      onClick={() => onAdd(kind.type)}
      aria-label={`Add ${kind.label.toLowerCase()}`}
      title={kind.label}
      data-type={kind.type}
    >
      <Picture kind={kind} />
      <span className="cv-item-name">{kind.label}</span>
    </button>
  );
}

function Picture({ kind }: { kind: NodeKind }): ReactNode {
  const scale = Math.min(PICTURE_WIDTH / kind.width, PICTURE_HEIGHT / kind.height);
  const [w, h] = [Math.round(kind.width * scale), Math.round(kind.height * scale)];
  const drawing = drawingOf(kind.type, w, h);
  return (
    <svg width={w + 2} height={h + 2} viewBox={`-1 -1 ${w + 2} ${h + 2}`} aria-hidden="true">
      <path
        className={`cv-outline ${kind.type === "group" ? "cv-dashed" : ""}`}
        d={drawing.outline}
      />
      {drawing.detail !== "" && <path className="cv-detail" d={drawing.detail} />}
    </svg>
  );
}
