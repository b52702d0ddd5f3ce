/**
 * Text edits in the JSON form of `ot-text-unicode`: counted in Unicode code points.
 *
 * An edit is a list of components: a positive number skips that many code points, a string inserts
 * itself, `{d: n}` removes n code points (`{d: "abc"}` exactly those, the form that can be
 * inverted). What follows the last component stays. Normal form: neighbours of one kind are merged,
 * nothing is empty, and no skip ends the edit.
 *
 * The transform and compose rules are those of the public type (github.com/ottypes/text-unicode).
 */
import { advance, codePointLength, isBasic } from "./codePoints.ts";
import { OperationError } from "./errors.ts";
import type { TextComponent, TextDelete, TextEdit } from "./operation.ts";

/** Code points the component spans (of the document, or inserted). */
export function lengthOf(component: TextComponent): number {
  if (typeof component === "number") return component;
  if (typeof component === "string") return codePointLength(component);
  return typeof component.d === "number" ? component.d : codePointLength(component.d);
}

/**
 * Refuses an edit that is malformed or reaches past `length` code points.
 * Throws OperationError `invalid_text_edit` or `text_out_of_range`.
 */
export function checkText(edit: TextEdit, length: number, at: string): void {
  let used = 0;
  for (const component of edit) {
    const span = lengthOf(component);
    if (!(Number.isSafeInteger(span) && span > 0)) {
      const message = "Every component skips, inserts or deletes at least one code point.";
      throw new OperationError("invalid_text_edit", message, at);
    }
    if (typeof component !== "string") used += span;
  }
  if (used > length) {
    const message = `The edit reaches ${used} code points, the text has ${length}.`;
    throw new OperationError("text_out_of_range", message, at);
  }
}

/** The text after the edit, which must fit it (`checkText`). */
export function applyText(text: string, edit: TextEdit): string {
  return runEdit(text, edit).after;
}

/** The edit in normal form, with every deletion naming what it removes from `text`. */
export function logText(text: string, edit: TextEdit): TextEdit {
  return runEdit(text, edit).logged;
}

/** The text after the edit and the edit's log form, in one go. */
export function runEdit(text: string, edit: TextEdit): { after: string; logged: TextEdit } {
  const basic = isBasic(text);
  const logged: TextComponent[] = [];
  let after = "";
  let at = 0;
  for (const component of edit) {
    if (typeof component === "string") {
      after += component;
      append(logged, component);
      continue;
    }
    const end = advance(text, at, lengthOf(component), basic);
    const piece = text.slice(at, end);
    at = end;
    if (typeof component === "number") after += piece;
    append(logged, typeof component === "number" ? component : { d: piece });
  }
  return { after: after + text.slice(at), logged: trim(logged) };
}

/** Adds a component at the end, merging it with the last one where both are of a kind. */
function append(edit: TextComponent[], component: TextComponent): void {
  if (lengthOf(component) === 0) return;
  const last = edit.at(-1);
  const merged = last === undefined ? null : merge(last, component);
  if (merged === null) edit.push(component);
  else edit[edit.length - 1] = merged;
}

function merge(first: TextComponent, second: TextComponent): TextComponent | null {
  if (typeof first === "string") return typeof second === "string" ? first + second : null;
  if (typeof first === "number") return typeof second === "number" ? first + second : null;
  return typeof second === "object" ? mergeDeletes(first, second) : null;
}

function mergeDeletes(first: TextDelete, second: TextDelete): TextDelete {
  if (typeof first.d === "string" && typeof second.d === "string") {
    return { d: first.d + second.d };
  }
  return { d: lengthOf(first) + lengthOf(second) };
}

/** Drops a skip at the end, which says nothing. */
function trim(edit: TextComponent[]): TextEdit {
  while (typeof edit.at(-1) === "number") edit.pop();
  return edit;
}

/** The same edit in normal form. */
export function normalise(edit: TextEdit): TextEdit {
  const out: TextComponent[] = [];
  for (const component of edit) append(out, component);
  return trim(out);
}

/** Hands out an edit piece by piece. */
class Reader {
  readonly #edit: TextEdit;
  #next = 0;
  #rest: TextComponent | undefined;

  constructor(edit: TextEdit) {
    this.#edit = edit;
    this.#rest = edit[0];
  }

  peek(): TextComponent | undefined {
    return this.#rest;
  }

  takeWhole(): TextComponent | undefined {
    const taken = this.#rest;
    this.#next += 1;
    this.#rest = this.#edit[this.#next];
    return taken;
  }

  /**
   * At most `span` code points; insertions (`whole` "string") or deletions ("object") come in one
   * piece. Past the end the document goes on, so what comes is a skip.
   */
  take(span: number, whole: "string" | "object"): TextComponent {
    const taken = this.#rest;
    if (taken === undefined) return span;
    if (typeof taken === whole || lengthOf(taken) <= span) {
      this.takeWhole();
      return taken;
    }
    const [head, rest] = splitComponent(taken, span);
    this.#rest = rest;
    return head;
  }

  /** Adds everything that has not been handed out yet to `out`. */
  drainInto(out: TextComponent[]): void {
    for (let rest = this.takeWhole(); rest !== undefined; rest = this.takeWhole()) {
      append(out, rest);
    }
  }
}

function splitComponent(component: TextComponent, at: number): [TextComponent, TextComponent] {
  if (typeof component === "number") return [at, component - at];
  return typeof component === "string" ? splitString(component, at) : splitDelete(component, at);
}

function splitString(text: string, at: number): [string, string] {
  const unit = advance(text, 0, at);
  return [text.slice(0, unit), text.slice(unit)];
}

function splitDelete(component: TextDelete, at: number): [TextDelete, TextDelete] {
  if (typeof component.d === "number") return [{ d: at }, { d: component.d - at }];
  const [head, rest] = splitString(component.d, at);
  return [{ d: head }, { d: rest }];
}

/**
 * `a` as it reads after `b`, both made on the same text.
 *
 * Where both insert at one place, the text of `a` comes first if `aFirst`.
 */
export function transformText(a: TextEdit, b: TextEdit, aFirst: boolean): TextEdit {
  const out: TextComponent[] = [];
  const reader = new Reader(a);
  for (const theirs of b) {
    if (typeof theirs !== "string") {
      passOver(reader, lengthOf(theirs), out, typeof theirs === "object");
      continue;
    }
    const mine = reader.peek();
    if (aFirst && typeof mine === "string") {
      reader.takeWhole();
      append(out, mine);
    }
    append(out, lengthOf(theirs));
  }
  reader.drainInto(out);
  return trim(out);
}

/** Moves over `span` code points of the document, which the other side may have deleted. */
function passOver(reader: Reader, span: number, out: TextComponent[], deleted: boolean): void {
  let left = span;
  while (left > 0) {
    const mine = reader.take(left, "string");
    if (typeof mine !== "string") left -= lengthOf(mine);
    if (typeof mine === "string" || !deleted) append(out, mine);
  }
}

/** One edit that does `a` and then `b`. */
export function composeText(a: TextEdit, b: TextEdit): TextEdit {
  const out: TextComponent[] = [];
  const reader = new Reader(a);
  for (const then of b) {
    if (typeof then === "string") append(out, then);
    else if (typeof then === "number") keep(reader, then, out);
    else remove(reader, then, out);
  }
  reader.drainInto(out);
  return trim(out);
}

function keep(reader: Reader, span: number, out: TextComponent[]): void {
  let left = span;
  while (left > 0) {
    const mine = reader.take(left, "object");
    append(out, mine);
    if (typeof mine !== "object") left -= lengthOf(mine);
  }
}

/** Deletes from the text after `a`: what `a` inserted vanishes, the rest is deleted. */
function remove(reader: Reader, then: TextDelete, out: TextComponent[]): void {
  let rest = then;
  let left = lengthOf(then);
  while (left > 0) {
    const mine = reader.take(left, "object");
    if (typeof mine === "object") {
      append(out, mine);
      continue;
    }
    const taken = lengthOf(mine);
    const [head, tail] = splitDelete(rest, taken);
    rest = tail;
    left -= taken;
    if (typeof mine === "number") append(out, head);
  }
}

/** The edit that takes the log form `edit` back. Throws OperationError `not_invertible`. */
export function invertText(edit: TextEdit): TextEdit {
  const out: TextComponent[] = [];
  for (const component of edit) append(out, inverseOf(component));
  return trim(out);
}

function inverseOf(component: TextComponent): TextComponent {
  if (typeof component === "number") return component;
  if (typeof component === "string") return { d: component };
  if (typeof component.d === "string") return component.d;
  throw new OperationError("not_invertible", "A log form deletion names its text.");
}
