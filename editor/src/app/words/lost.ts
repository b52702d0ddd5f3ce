/** Edits that could not be saved: in a sentence, and as a file. */
import { operationToJson, type RecoveryProblem } from "@diagramai/client";
import { fileName } from "../exporting.ts";
import { count } from "./count.ts";

type Lost = Pick<RecoveryProblem, "diagramId" | "title" | "code" | "message" | "operation">;

/** "3 changes to “Orders” could not be saved." */
export function lostSentence({ title, operation }: Lost): string {
  const { diagram, nodes, edges } = operation;
  const number = nodes.size + edges.size + (diagram === null ? 0 : 1);
  const where = title.trim() === "" ? "an untitled diagram" : `“${title}”`;
  return `${count(number, "change")} to ${where} could not be saved.`;
}

/** What was not saved, as it would have been sent, and which diagram it belongs to. */
export function lostFile({ diagramId, title, code, message, operation }: Lost): {
  name: string;
  text: string;
} {
  const content = { diagramId, title, code, message, operation: operationToJson(operation) };
  return { name: `unsaved-${fileName(title, "json")}`, text: JSON.stringify(content, null, 2) };
}
