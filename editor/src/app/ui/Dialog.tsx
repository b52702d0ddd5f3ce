import { type JSX, type MouseEvent, type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { IconButton } from "./Button.tsx";

interface DialogProps {
  title: string;
  /** Called on Escape, on the cross, and on a click beside it. */
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
  /** What it shows cannot be shown again: a click beside it does not close it. */
  insistent?: boolean;
}

/**
 * A modal dialog while it is rendered: the browser keeps the focus inside and gives it back. What
 * bears `data-first` has the focus at the start, else the cross.
 */
export function Dialog({
  title,
  onClose,
  children,
  wide = false,
  insistent = false,
}: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before it leaves the page: what is closed afterwards gives no focus back.
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    shown?.querySelector<HTMLElement>("[data-first]")?.focus();
    document.addEventListener("keydown", keepFromPage, { capture: true });
    return () => {
      document.removeEventListener("keydown", keepFromPage, { capture: true });
      shown?.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={wide ? "app-dialog app-dialog-wide" : "app-dialog"}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => isBeside(event) && !insistent && onClose()}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <div className="app-dialog-body">
        <div className="app-dialog-head">
          <h2 id={titleId}>{title}</h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </div>
        {children}
      </div>
    </dialog>
  );
}

/** A button that is disabled while it works loses the focus; keys pressed then are not the page's. */
function keepFromPage(event: KeyboardEvent): void {
  if (event.target === document.body) event.stopPropagation();
}

/** The backdrop belongs to the dialog element; everything else lies in its body. */
function isBeside(event: MouseEvent<HTMLDialogElement>): boolean {
  return event.target === event.currentTarget;
}
