/** Texts that several people edit at once. */
export { TextBinding, TYPING_RUN_MS } from "./binding.ts";
export { CaretText, colourStyle } from "./CaretText.tsx";
export { LiveTextField, type LiveTextFieldProps } from "./LiveTextField.tsx";
export { caretsAt, type PeerCaret } from "./peers.ts";
export {
  elementOf,
  settable,
  shownText,
  type TextPlace,
  type TextTarget,
  textAt,
} from "./place.ts";
export { MyPresence, presenceOn } from "./presence.ts";
