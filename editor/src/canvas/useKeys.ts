import { type RefObject, useEffect } from "react";
import { flushSync } from "react-dom";
import { MAX_CLIPBOARD_CHARS, readPaste, writeClip } from "./clipboard.ts";
import { type Command, commandFor, isEditable } from "./keys.ts";
import type { CanvasModel } from "./model.ts";
import type { Point } from "./shapes.ts";

/** Whether an event at this target is meant for the canvas: nothing else on the page has the focus. */
function isOurs(root: HTMLElement | null, target: EventTarget | null): boolean {
  if (isEditable(target)) return false;
  if (target === document.body || target === document || target === document.documentElement)
    return true;
  if (!(target instanceof Element) || root === null || !root.contains(target)) return false;
  return target.closest("button, a, summary, [role=dialog]") === null;
}

/** The canvas's keys, while no field and no button has the focus. */
export function useKeys(root: RefObject<HTMLElement | null>, model: CanvasModel): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || !isOurs(root.current, event.target))
        return;
      const command = commandFor(event);
      if (command === null) return;
      const done = model.view.readOnly
        ? look(command, model, event.target)
        : run(command, model, event.target);
      // What is typed goes on into the field that has just opened.
      if (done && command.do !== "type") event.preventDefault();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [root, model]);
}

/** What works without the right to edit. */
function look(command: Command, model: CanvasModel, target: EventTarget | null): boolean {
  switch (command.do) {
    case "selectAll":
      model.selectAll();
      return true;
    case "escape":
      model.select([], []);
      return true;
    case "add":
      return addFocused(model, target);
    case "edit":
    case "select":
      return selectFocused(model, target);
    default:
      return false;
  }
}

function run(command: Command, model: CanvasModel, target: EventTarget | null): boolean {
  switch (command.do) {
    case "undo":
      model.undo();
      return true;
    case "redo":
      model.redo();
      return true;
    case "delete":
      model.deleteSelection();
      return true;
    case "duplicate":
      model.duplicate();
      return true;
    case "connect":
      return model.connectSelected();
    case "move":
      return model.nudge(command.x, command.y);
    case "edit":
    case "type":
      return edit(command, model, target);
    default:
      return look(command, model, target);
  }
}

/** Enter edits what has the focus, else what is selected; typing only what is selected. */
function edit(command: Command, model: CanvasModel, target: EventTarget | null): boolean {
  const at = (command.do === "edit" ? focused(target) : null) ?? model.onlySelected();
  if (at === null) return false;
  // At once, so that the key that started it is typed into the field.
  return flushSync(() => model.startEditing(at.target, at.id));
}

function focused(target: EventTarget | null): { target: "node" | "edge"; id: string } | null {
  if (!(target instanceof Element)) return null;
  const element = target.closest(".react-flow__node, .react-flow__edge");
  const id = element?.getAttribute("data-id");
  if (element === null || id === null || id === undefined) return null;
  return { target: element.matches(".react-flow__node") ? "node" : "edge", id };
}

function selectFocused(model: CanvasModel, target: EventTarget | null): boolean {
  const at = focused(target);
  if (at === null) return false;
  const { nodes, edges } = model.getState().selection;
  const chosen = at.target === "node" ? nodes : edges;
  if (chosen.has(at.id)) model.select([], []);
  else if (at.target === "node") model.select([at.id], []);
  else model.select([], [at.id]);
  return true;
}

function addFocused(model: CanvasModel, target: EventTarget | null): boolean {
  const at = focused(target);
  if (at === null) return false;
  const { nodes, edges } = model.getState().selection;
  if (at.target === "node") model.select(toggled(nodes, at.id), edges);
  else model.select(nodes, toggled(edges, at.id));
  return true;
}

function toggled(ids: ReadonlySet<string>, id: string): string[] {
  return ids.has(id) ? [...ids].filter((each) => each !== id) : [...ids, id];
}

/**
 * Copy, cut and paste through the system's clipboard. What has the focus decides, not the event's
 * target: with nothing focused that is wherever the last selection of text happens to be.
 *
 * `where`: the middle of what is pasted, in flow units.
 */
export function useClipboard(
  root: RefObject<HTMLElement | null>,
  model: CanvasModel,
  where: () => Point,
): void {
  useEffect(() => {
    const copy = (event: ClipboardEvent) => {
      if (!isOurs(root.current, document.activeElement) || hasTextSelected()) return;
      const clip = model.clip();
      if (clip === null || event.clipboardData === null) return;
      event.preventDefault();
      const text = writeClip(clip);
      if (text.length > MAX_CLIPBOARD_CHARS) {
        model.tell("That is too much for one copy: select less. Nothing was copied.");
        return;
      }
      event.clipboardData.setData("text/plain", text);
      if (event.type === "cut") model.deleteSelection();
    };
    const paste = (event: ClipboardEvent) => {
      if (!isOurs(root.current, document.activeElement) || model.view.readOnly) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (text.trim() === "") {
        if ((event.clipboardData?.files.length ?? 0) > 0) model.tell(NO_FILES);
        return;
      }
      event.preventDefault();
      pasteText(model, text, where());
    };
    document.addEventListener("copy", copy);
    document.addEventListener("cut", copy);
    document.addEventListener("paste", paste);
    return () => {
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", copy);
      document.removeEventListener("paste", paste);
    };
  }, [root, model, where]);
}

const NO_FILES = "Pictures and files cannot be pasted here: a diagram holds shapes and words.";

function hasTextSelected(): boolean {
  const selection = document.getSelection();
  return selection !== null && !selection.isCollapsed && selection.toString() !== "";
}

/** Elements are pasted as such; any other text becomes a node with that label. */
function pasteText(model: CanvasModel, text: string, centre: Point): void {
  const paste = readPaste(text);
  switch (paste.what) {
    case "elements":
      model.pasteAt(paste.clip, centre);
      if (paste.clip.leftOut > 0) model.tell(leftOutOf(paste.clip.leftOut));
      break;
    case "label":
      model.addNode("process", centre, paste.label);
      break;
    case "nothing":
      model.tell(paste.why);
  }
}

function leftOutOf(count: number): string {
  const [what, does] = count === 1 ? ["One part", "does"] : [`${count} parts`, "do"];
  return `${what} of what you copied ${does} not fit and ${count === 1 ? "was" : "were"} left out: edges need both of their nodes.`;
}
