/** A colour for each participant, the same for everybody who sees it. */

/** Told apart by eye, at least 3:1 against white and against the dark canvas (#16181d). */
export const COLOURS: readonly string[] = [
  "#d9480f",
  "#1c7ed6",
  "#2b8a3e",
  "#ae3ec9",
  "#e03131",
  "#0c8599",
  "#b06f00",
  "#6741d9",
  "#c2255c",
  "#5c7c2a",
];

/** `#rrggbb`, by the participant's id. */
export function colourOf(participantId: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < participantId.length; at++) {
    hash = Math.imul(hash ^ participantId.charCodeAt(at), 0x01000193);
  }
  return COLOURS[(hash >>> 0) % COLOURS.length] ?? "#1c7ed6";
}
