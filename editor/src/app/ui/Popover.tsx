import { type JSX, type ReactNode, useEffect, useId, useRef, useState } from "react";

interface PopoverProps {
  /** What is read out for the button. */
  label: string;
  /** The inside of the button. */
  button: ReactNode;
  buttonClass: string;
  title?: string;
  /** The inside of the sheet; `close` shuts it and gives the focus back. */
  children: (close: () => void) => ReactNode;
  align?: "left" | "right";
  /** Something that was chosen in it is being done. */
  busy?: boolean;
  disabled?: boolean;
}

/** A button that opens a small sheet below itself. Escape, a click elsewhere and leaving it by Tab close it. */
export function Popover({
  label,
  button,
  buttonClass,
  title,
  children,
  align = "right",
  busy = false,
  disabled = false,
}: PopoverProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const id = useId();
  useClickElsewhere(open, box, () => setOpen(false));
  const close = (): void => {
    setOpen(false);
    opener.current?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears the keys and the focus of what is inside
    <div
      className="app-popover"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        close();
      }}
      onBlur={(event) => {
        if (event.relatedTarget !== null && !event.currentTarget.contains(event.relatedTarget))
          setOpen(false);
      }}
    >
      <button
        ref={opener}
        type="button"
        className={buttonClass}
        aria-label={label}
        title={title ?? label}
        aria-busy={busy}
        disabled={disabled}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {button}
      </button>
      {open && (
        <div id={id} className={`app-popover-sheet app-popover-${align}`}>
          {children(close)}
        </div>
      )}
    </div>
  );
}

function useClickElsewhere(
  open: boolean,
  box: { current: HTMLElement | null },
  shut: () => void,
): void {
  const latest = useRef(shut);
  latest.current = shut;
  useEffect(() => {
    if (!open) return;
    const down = (event: PointerEvent): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) === true) return;
      latest.current();
    };
    document.addEventListener("pointerdown", down, true);
    return () => document.removeEventListener("pointerdown", down, true);
  }, [open, box]);
}
