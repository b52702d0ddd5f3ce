import { type JSX, type MouseEvent, type ReactNode, useEffect, useId, useRef } from "react";
import { IconButton } from "./Button.tsx";

interface DialogProps {
  title: string;
  /** Called on Escape, on the cross, and on a click beside it. */
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
}

/**
 * A modal dialog while it is rendered: the browser keeps the focus inside and gives it back. What
 * bears `data-first` has the focus at the start, else the cross.
 */
export function Dialog({ title, onClose, children, wide = false }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    shown?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => shown?.close();
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
      onClick={(event) => isBeside(event) && onClose()}
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

/** The backdrop belongs to the dialog element; everything else lies in its body. */
function isBeside(event: MouseEvent<HTMLDialogElement>): boolean {
  return event.target === event.currentTarget;
}
