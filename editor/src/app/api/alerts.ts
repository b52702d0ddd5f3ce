/** How many alerts wait for an admin. */
import { type Answer, ApiError, isObject } from "./http.ts";

/** Throws ApiError `unexpected_answer`. */
export function readOpenAlerts({ data }: Answer): number {
  if (!isObject(data) || typeof data.open !== "number") {
    throw new ApiError("unexpected_answer", "The server's answer cannot be understood.", 200);
  }
  return data.open;
}
