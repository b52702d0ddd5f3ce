/** Values in answers. Each throws ApiError `unexpected_answer` where it is something else. */
import { ApiError } from "./http.ts";

export function text(value: unknown): string {
  if (typeof value !== "string") throw unexpected();
  return value;
}

export function number(value: unknown): number {
  if (typeof value !== "number") throw unexpected();
  return value;
}

/** A moment, in ms since 1970. */
export function time(value: unknown): number {
  const ms = Date.parse(text(value));
  if (Number.isNaN(ms)) throw unexpected();
  return ms;
}

export function unexpected(): ApiError {
  return new ApiError("unexpected_answer", "The server's answer cannot be understood.", 200);
}
