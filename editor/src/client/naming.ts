/** How an element is called in a sentence. */
import { type Element, isObject } from "../ot/index.ts";

/** Characters of a label that are shown in a sentence. */
const LONGEST_NAME = 40;

/** The element's label on one line, shortened; empty where it has none. */
export function nameOf(element: Element | undefined): string {
  if (element === undefined) return "";
  const inData = isObject(element.data) ? element.data.label : undefined;
  const label = typeof inData === "string" ? inData : element.label;
  return typeof label === "string" ? shorten(label) : "";
}

export function shorten(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  const characters = Array.from(line.slice(0, 2 * LONGEST_NAME + 2));
  if (characters.length <= LONGEST_NAME) return line;
  return `${characters.slice(0, LONGEST_NAME - 1).join("")}…`;
}
