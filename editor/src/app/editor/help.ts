/** What the help lists. The canvas names its own keys. */
import { KEYS } from "../../canvas/index.ts";
import { COMMAND } from "./keys.ts";

export interface HelpEntry {
  readonly keys: string;
  readonly does: string;
}

export interface HelpGroup {
  readonly title: string;
  readonly entries: readonly HelpEntry[];
}

export const HELP: readonly HelpGroup[] = [
  {
    title: "Everywhere",
    entries: [
      { keys: "Tab", does: "To the next button, field or element" },
      { keys: "Escape", does: "Close what is open, leave a field" },
    ],
  },
  {
    title: "On the canvas",
    entries: KEYS.map(({ keys, does }) => ({ keys: keys.replaceAll("Ctrl", COMMAND), does })),
  },
];
