/** Why something failed, for people. */
import { ApiError } from "../api/http.ts";

/** The server's sentence with the place that it is about, where there is one. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return "That did not work.";
  if (!(error instanceof ApiError) || error.at === "") return error.message;
  return `${placeWords(error.at)}: ${error.message}`;
}

/** "Line 2, column 5", or the name of a field as it is. */
function placeWords(at: string): string {
  return at.startsWith("line ") ? `L${at.slice(1)}` : at;
}
