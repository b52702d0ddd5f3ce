/**
 * The operation type of DiagramAI diagrams: pure functions over plain values.
 *
 * No input or output, clock, randomness or logging lives in this folder, so that every replica that
 * follows these rules reaches the same diagram. The laws are written down in `docs/algebra.md`.
 */
export * from "./apply.ts";
export * from "./checkOperation.ts";
export * from "./client.ts";
export { advance, codePointLength, isBasic } from "./codePoints.ts";
export { compose } from "./compose.ts";
export * from "./diagram.ts";
export { diff, diffElement, isProse, writeFor } from "./diff.ts";
export * from "./errors.ts";
export * from "./footprint.ts";
export { invert } from "./invert.ts";
export * from "./json.ts";
export * from "./lengths.ts";
export * from "./objects.ts";
export * from "./operation.ts";
export * from "./pointer.ts";
export * from "./policy.ts";
export { EDGE_REFERENCES, PARENT_REFERENCE, REFERENCES } from "./references.ts";
export {
  applyText,
  checkText,
  composeText,
  invertText,
  lengthOf,
  logText,
  normalise,
  transformText,
} from "./text.ts";
export { diffText } from "./textDiff.ts";
export { mayMeet, transform } from "./transform.ts";
export * from "./validate.ts";
export { wireForm } from "./wire.ts";
