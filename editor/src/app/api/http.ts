/** Requests to the API, and its envelope: `{success: true, data}` or `{success: false, error}`. */

/** Why a request failed: `code` is the API's, or `no_answer` where none came; `message` is for people. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  /** How to run the program here, where a signed-out answer tells it. */
  readonly command: string | null;
  /** What it is about: a field, `line 2, column 5`; empty where that is not told. */
  readonly at: string;

  constructor(
    code: string,
    message: string,
    status: number,
    command: string | null = null,
    at = "",
  ) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.command = command;
    this.at = at;
  }
}

export interface Answer {
  readonly data: unknown;
  /** The whole envelope: some answers have more beside `data`. */
  readonly envelope: Readonly<Record<string, unknown>>;
}

export interface RequestOptions {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly file?: { readonly content: Blob; readonly mediaType: string };
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks the API. Throws ApiError; where `signal` ended it, the error that `fetch` throws. */
export async function request(path: string, options: RequestOptions = {}): Promise<Answer> {
  const response = await send(path, options);
  const envelope = await readObject(response);
  if (response.ok && envelope?.success === true) return { data: envelope.data, envelope };
  throw refusal(response.status, envelope);
}

/** `answer` is null where it is the one that is called `etag` already. */
export interface Changed {
  readonly answer: Answer | null;
  readonly etag: string | null;
}

/** For what is asked again and again. `etag` is that of the answer before. Throws as `request` does. */
export async function requestIfChanged(
  path: string,
  etag: string | null,
  signal: AbortSignal,
): Promise<Changed> {
  const headers: Record<string, string> = etag === null ? {} : { "If-None-Match": etag };
  const response = await send(path, { signal, headers });
  if (response.status === 304) return { answer: null, etag };
  const envelope = await readObject(response);
  if (!response.ok || envelope?.success !== true) throw refusal(response.status, envelope);
  return { answer: { data: envelope.data, envelope }, etag: response.headers.get("ETag") };
}

/** Asks for a file: an answer without an envelope. Throws as `request` does. */
export async function requestFile(path: string, signal?: AbortSignal): Promise<Blob> {
  const response = await send(path, signal === undefined ? {} : { signal });
  if (!response.ok) throw refusal(response.status, await readObject(response));
  return await response.blob();
}

async function send(path: string, options: RequestOptions): Promise<Response> {
  const { method = "GET", file, signal } = options;
  const body = file?.content ?? (options.body === undefined ? null : JSON.stringify(options.body));
  const mediaType = file?.mediaType ?? "application/json";
  try {
    return await fetch(path, {
      method,
      headers: {
        ...(method === "GET" ? {} : { "Content-Type": mediaType }),
        ...options.headers,
      },
      body,
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError("no_answer", "The server does not answer. Is it running?", 0);
  }
}

async function readObject(response: Response): Promise<Record<string, unknown> | null> {
  try {
    const value: unknown = await response.json();
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function refusal(status: number, envelope: Record<string, unknown> | null): ApiError {
  const error = isObject(envelope?.error) ? envelope.error : {};
  const code = typeof error.code === "string" ? error.code : "internal_error";
  const message =
    typeof error.message === "string"
      ? error.message
      : `The server answered with an error (${status}).`;
  const command = envelope?.command ?? error.command;
  const at = typeof error.at === "string" ? error.at : "";
  return new ApiError(code, message, status, typeof command === "string" ? command : null, at);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSignedOut(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === "unauthenticated";
}
