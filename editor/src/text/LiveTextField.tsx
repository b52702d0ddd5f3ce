import type { DiagramView, LiveDiagram } from "@diagramai/client";
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { type MovePosition, TextBinding } from "./binding.ts";
import { CaretText } from "./CaretText.tsx";
import { type FieldKind, fieldForm, fieldPoint, storedPoint } from "./fieldForm.ts";
import { pasteRefusal } from "./pasting.ts";
import { caretsAt, type PeerCaret } from "./peers.ts";
import { elementOf, type TextPlace, textAt } from "./place.ts";
import { codePointsAt } from "./positions.ts";
import { presenceOn } from "./presence.ts";
import "./text.css";

type Field = HTMLInputElement | HTMLTextAreaElement;

export interface LiveTextFieldProps extends TextPlace {
  readonly live: LiveDiagram;
  readonly view: DiagramView;
  /** The field's name for screen readers. */
  readonly label: string;
  /** A textarea; else one line. */
  readonly multiline?: boolean;
  /** Enter ends editing and Shift+Enter makes a line; without it Enter makes a line if there may be several. */
  readonly enterEnds?: boolean;
  /** The field is as high as its text. */
  readonly autoSize?: boolean;
  /** Code that is not prose: no spelling marks. */
  readonly code?: boolean;
  readonly placeholder?: string;
  /** For the field itself. */
  readonly className?: string;
  /** For the box around it, which is what lies in the page's layout. */
  readonly wrapClassName?: string;
  readonly disabled?: boolean;
  readonly autoFocus?: boolean;
  /** Where it takes the focus by itself: its whole text is selected, so that typing replaces it. */
  readonly selectAll?: boolean;
  /** UTF-16 units. */
  readonly maxLength?: number;
  /** Left by Escape, by Enter where that ends, by a click elsewhere, or because its text is gone. */
  readonly onEnd?: (why: "escape" | "enter" | "blur" | "gone") => void;
  /** An edit, or what was pasted, does not fit and was not made; the sentence says why. */
  readonly onRefused?: (message: string) => void;
}

/** A text of the diagram that several people can type in at once: every input is sent as an edit. */
export function LiveTextField(props: LiveTextFieldProps): ReactNode {
  const { live, view, target, id, path, multiline = false } = props;
  const place = useMemo<TextPlace>(() => ({ target, id, path }), [target, id, path]);
  const field = useRef<Field>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const kind: FieldKind = multiline ? "lines" : "line";
  const { binding, text, read } = useBinding(live, place, kind, field, props.onRefused);
  const caret = useCaretShown(live, place, kind, field);
  useEndWhenGone(view, place, props.onEnd);
  useStartFocus(field, props.autoFocus === true, props.selectAll === true);
  const carets = caretsInField(view, place, kind);
  const syncScroll = () => followScroll(field.current, mirror.current);
  const mirrored = carets.length > 0;
  // After every render with carets: text or carets may have changed the mirror's extent. Without
  // carets the mirror shows nothing, and asking for a scroll position would lay out the whole page.
  useLayoutEffect(() => {
    if (mirrored) syncScroll();
  });
  const common = {
    "aria-label": props.label,
    className: `tx-field ${props.className ?? ""}`,
    defaultValue: text,
    readOnly: view.readOnly || props.disabled === true,
    placeholder: props.placeholder,
    maxLength: props.maxLength,
    spellCheck: props.code !== true,
    autoComplete: "off",
    onInput: () => {
      read();
      caret.show();
    },
    onSelect: caret.show,
    onFocus: caret.show,
    onPointerDown: () => binding.current?.endRun(),
    onScroll: syncScroll,
    onCompositionStart: () => binding.current?.startComposition(),
    onCompositionEnd: () => {
      const now = field.current;
      if (now !== null) binding.current?.endComposition(now.value, now.selectionStart ?? 0);
      read();
    },
    onBlur: () => {
      binding.current?.endRun();
      caret.hide();
      props.onEnd?.("blur");
    },
    onPaste: (event: ClipboardEvent<Field>) => pasted(event, props),
    onKeyDown: (event: KeyboardEvent<Field>) => pressed(event, props, binding.current),
  };
  return (
    <span className={wrapClass(props)}>
      <div ref={mirror} className={`tx-mirror ${props.className ?? ""}`} aria-hidden="true">
        <CaretText text={text} carets={carets} />
        {"\u200b"}
      </div>
      {multiline ? (
        <textarea {...common} ref={(element) => hold(field, element)} rows={1} />
      ) : (
        <input {...common} ref={(element) => hold(field, element)} type="text" />
      )}
    </span>
  );
}

function wrapClass(props: LiveTextFieldProps): string {
  const kind = props.multiline === true ? "tx-wrap tx-lines" : "tx-wrap tx-line";
  const size = props.autoSize === true ? "tx-auto" : "";
  return `${kind} ${size} ${props.wrapClassName ?? ""}`;
}

function hold(field: RefObject<Field | null>, element: Field | null): void {
  field.current = element;
}

function followScroll(field: Field | null, mirror: HTMLDivElement | null): void {
  if (field === null || mirror === null) return;
  mirror.scrollTop = field.scrollTop;
  mirror.scrollLeft = field.scrollLeft;
}

/** The field's text follows the document's, and what is typed goes there. */
function useBinding(
  live: LiveDiagram,
  place: TextPlace,
  kind: FieldKind,
  field: RefObject<Field | null>,
  onRefused: ((message: string) => void) | undefined,
) {
  const binding = useRef<TextBinding>(null);
  const refused = useRef(onRefused);
  refused.current = onRefused;
  const [text, setText] = useState(() =>
    fieldForm(kind, textAt(live.getSnapshot().diagram, place)),
  );
  useLayoutEffect(() => {
    const show = (next: string, move: MovePosition) => {
      if (field.current !== null) put(field.current, next, move);
      setText(next);
    };
    const hooks = { show, refused: (message: string) => refused.current?.(message) };
    const made = new TextBinding(live, place, kind, hooks);
    binding.current = made;
    show(made.text, (position) => position);
    return () => {
      made.close();
      binding.current = null;
    };
  }, [live, place, kind, field]);
  const read = () => {
    const now = field.current;
    if (now === null) return;
    binding.current?.input(now.value, now.selectionStart ?? now.value.length);
    setText(now.value);
  };
  return { binding, text, read };
}

/** Puts a text into the field; caret, selection and scrolling stay with the words they were at. */
function put(field: Field, text: string, move: MovePosition): void {
  if (field.value === text) return;
  const { selectionStart, selectionEnd, selectionDirection, scrollTop, scrollLeft } = field;
  field.value = text;
  if (document.activeElement === field && selectionStart !== null && selectionEnd !== null) {
    const direction = selectionDirection ?? "none";
    field.setSelectionRange(move(selectionStart), move(selectionEnd), direction);
  }
  field.scrollTop = scrollTop;
  field.scrollLeft = scrollLeft;
}

/** Others see my caret while the field has the focus. */
function useCaretShown(
  live: LiveDiagram,
  place: TextPlace,
  kind: FieldKind,
  field: RefObject<Field | null>,
) {
  const shown = useRef(false);
  const hide = () => {
    if (!shown.current) return;
    shown.current = false;
    presenceOn(live).set("caret", undefined);
  };
  const show = () => {
    const now = field.current;
    if (now === null || document.activeElement !== now) return;
    const start = now.selectionStart ?? 0;
    const end = now.selectionEnd ?? start;
    const [from, to] = now.selectionDirection === "backward" ? [end, start] : [start, end];
    const stored = textAt(live.getSnapshot().diagram, place);
    const point = (units: number) => storedPoint(kind, stored, codePointsAt(now.value, units));
    shown.current = true;
    presenceOn(live).set("caret", {
      target: place.target,
      id: place.id,
      path: place.path,
      from: point(from),
      to: point(to),
    });
  };
  const latest = useRef(hide);
  latest.current = hide;
  useEffect(() => () => latest.current(), []);
  return { show, hide };
}

/** Others' carets, counted in the field's text. */
function caretsInField(view: DiagramView, place: TextPlace, kind: FieldKind): PeerCaret[] {
  const stored = textAt(view.diagram, place);
  return caretsAt(view, place).map((caret) => ({
    ...caret,
    from: fieldPoint(kind, stored, caret.from),
    to: fieldPoint(kind, stored, caret.to),
  }));
}

function useEndWhenGone(
  view: DiagramView,
  place: TextPlace,
  onEnd: LiveTextFieldProps["onEnd"],
): void {
  const gone = elementOf(view.diagram, place) === undefined;
  const end = useRef(onEnd);
  end.current = onEnd;
  useEffect(() => {
    if (gone) end.current?.("gone");
  }, [gone]);
}

function useStartFocus(field: RefObject<Field | null>, wanted: boolean, whole: boolean): void {
  const atStart = useRef(whole);
  useLayoutEffect(() => {
    const now = field.current;
    if (!wanted || now === null) return;
    now.focus({ preventScroll: true });
    now.setSelectionRange(atStart.current ? 0 : now.value.length, now.value.length);
  }, [field, wanted]);
}

function step({ live, onRefused }: LiveTextFieldProps, which: "undo" | "redo"): void {
  try {
    live[which]();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    onRefused?.(error.message);
  }
}

/** A browser cuts what is pasted beyond the longest text, without a word: it is refused instead. */
function pasted(event: ClipboardEvent<Field>, { maxLength, onRefused }: LiveTextFieldProps): void {
  const { value, selectionStart, selectionEnd } = event.currentTarget;
  const replaced = (selectionEnd ?? 0) - (selectionStart ?? 0);
  const why = pasteRefusal(event.clipboardData.getData("text/plain"), {
    length: value.length - replaced,
    maxLength,
  });
  if (why === null) return;
  event.preventDefault();
  onRefused?.(why);
}

function pressed(
  event: KeyboardEvent<Field>,
  props: LiveTextFieldProps,
  binding: TextBinding | null,
): void {
  if (event.nativeEvent.isComposing) return;
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (command && !event.altKey && (key === "z" || key === "y")) {
    // The browser's own history knows nothing of what others typed in between.
    event.preventDefault();
    binding?.endRun();
    step(props, key === "y" || event.shiftKey ? "redo" : "undo");
    return;
  }
  if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") {
    binding?.endRun();
  }
  const ends = event.key === "Enter" && !event.shiftKey && (props.enterEnds || !props.multiline);
  if (event.key === "Escape" || ends) {
    event.preventDefault();
    event.stopPropagation();
    props.onEnd?.(ends ? "enter" : "escape");
    event.currentTarget.blur();
  }
}
