/**
 * One text of a live diagram bound to one field: what is typed becomes text edits, what others type
 * comes in with the positions that move with it. No DOM in here.
 */
import {
  applyText,
  checkText,
  codePointLength,
  composeText,
  type DiagramView,
  diffText,
  type LiveDiagram,
  movePosition,
  type Operation,
  OperationError,
  type TextEdit,
  textChange,
  transformText,
} from "@diagramai/client";
import { type FieldKind, fieldForm, toStored } from "./fieldForm.ts";
import { type TextPlace, textAt, writeAt, writeText } from "./place.ts";

/** Typing with shorter pauses than this is one step of undo. */
export const TYPING_RUN_MS = 1_000;

/** Where a UTF-16 position of the text shown before stands in the text shown now. */
export type MovePosition = (position: number) => number;

export interface BindingHooks {
  /** The field has to show another text; positions in it move by `move`. */
  readonly show: (text: string, move: MovePosition) => void;
  /** An edit did not fit and was taken back. */
  readonly refused?: (message: string) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** What of a live diagram a text needs. */
export interface TextSource extends Pick<LiveDiagram, "edit" | "on" | "subscribe"> {
  getSnapshot(): Pick<DiagramView, "diagram">;
}

interface Composition {
  /** The field's text when the composition began. */
  readonly base: string;
  /** What others did to that since. */
  remote: TextEdit;
}

/** Binds a text to a field from its making until `close`. */
export class TextBinding {
  /** The text as the document has it. */
  private model: string;
  /** The same as the field shows it, except while composing. */
  private shown: string;
  private composition: Composition | null = null;
  /** Text edits applied to the diagram since its view was last looked at. */
  private heard: TextEdit[] = [];
  private lastInputAt = Number.NEGATIVE_INFINITY;
  private readonly stops: readonly (() => void)[];
  private readonly live: TextSource;
  private readonly place: TextPlace;
  private readonly kind: FieldKind;
  private readonly hooks: BindingHooks;

  constructor(live: TextSource, place: TextPlace, kind: FieldKind, hooks: BindingHooks) {
    this.live = live;
    this.place = place;
    this.kind = kind;
    this.hooks = hooks;
    this.model = this.current();
    this.shown = fieldForm(kind, this.model);
    this.stops = [live.on("operation", (a) => this.hear(a)), live.subscribe(() => this.follow())];
  }

  /** What the field has to show. */
  get text(): string {
    return this.shown;
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  /** The next input begins a new step of undo: the caret was moved, the field left. */
  endRun(): void {
    this.lastInputAt = Number.NEGATIVE_INFINITY;
  }

  /** The field now holds `after`, its caret stands at `caret` (UTF-16). */
  input(after: string, caret: number): void {
    if (this.composition !== null || after === this.shown) return;
    this.send(textChange(this.shown, after, caret), after);
  }

  /** An input method begins: the field is left alone until it ends. */
  startComposition(): void {
    this.composition ??= { base: this.shown, remote: [] };
  }

  /** It ended with the field holding `after`: that goes over what others typed meanwhile. */
  endComposition(after: string, caret: number): void {
    const composition = this.composition;
    if (composition === null) return;
    this.composition = null;
    if (this.shown === composition.base) {
      this.input(after, caret);
      return;
    }
    const mine = textChange(composition.base, after, caret);
    const onTop = transformText(mine, composition.remote, false);
    const theirs = transformText(composition.remote, mine, true);
    const merged = applyText(this.shown, onTop);
    if (merged !== this.shown) this.send(onTop, merged);
    this.hooks.show(this.shown, (position) => movePosition(position, after, theirs));
  }

  /** `edit` leads from the field's text to `after`, which the field shows already. */
  private send(edit: TextEdit, after: string): void {
    const now = (this.hooks.now ?? performance.now.bind(performance))();
    const undo = now - this.lastInputAt < TYPING_RUN_MS ? "join" : "new";
    this.lastInputAt = now;
    const stored = toStored(this.kind, this.model, edit);
    const next = applyText(this.model, stored);
    const operation = writeText(this.live.getSnapshot().diagram, this.place, stored, next);
    // Before the edit, so that its own echo finds nothing to do.
    this.take(next);
    try {
      this.live.edit(operation, { undo });
    } catch (error) {
      this.takeBack(error);
      return;
    }
    if (this.shown !== after) this.hooks.show(this.shown, (position) => position);
  }

  private take(model: string): void {
    this.model = model;
    this.shown = fieldForm(this.kind, model);
  }

  private takeBack(error: unknown): void {
    this.take(this.current());
    const end = this.shown.length;
    this.hooks.show(this.shown, (position) => Math.min(position, end));
    if (!(error instanceof Error)) throw error;
    this.hooks.refused?.(error instanceof OperationError ? error.message : String(error.message));
  }

  private current(): string {
    return textAt(this.live.getSnapshot().diagram, this.place);
  }

  /** Keeps what an operation does to this text until the view with it is there. */
  private hear(a: Operation): void {
    const write = writeAt(a, this.place);
    if (write?.type === "text") this.heard.push(write.edit);
  }

  private follow(): void {
    const heard = this.heard;
    this.heard = [];
    const target = this.current();
    if (target === this.model) return;
    const before = this.shown;
    const told = before === this.model ? composed(before, heard, target) : null;
    this.take(target);
    const edit = told !== null && this.shown === target ? told : diffText(before, this.shown);
    if (this.composition !== null) {
      this.composition.remote = composeText(this.composition.remote, edit);
      return;
    }
    this.hooks.show(this.shown, (position) => movePosition(position, before, edit));
  }
}

/** The edits as one, if they lead from `before` to `target`; `null` where something else did. */
function composed(before: string, edits: readonly TextEdit[], target: string): TextEdit | null {
  try {
    const edit = edits.reduce<TextEdit>((first, next) => composeText(first, next), []);
    checkText(edit, codePointLength(before), "");
    return applyText(before, edit) === target ? edit : null;
  } catch (error) {
    // Edits that do not follow each other: something else changed the text in between.
    if (error instanceof OperationError) return null;
    throw error;
  }
}
