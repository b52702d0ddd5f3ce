import type { ButtonHTMLAttributes, JSX, ReactNode } from "react";
import { Icon, type IconName } from "./Icon.tsx";

type Look = "plain" | "primary" | "danger" | "quiet";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  icon?: IconName;
  /** In a dialog: has the focus at the start. */
  "data-first"?: boolean;
  children: ReactNode;
}

export function Button({
  look = "plain",
  icon,
  children,
  className = "",
  ...rest
}: ButtonProps): JSX.Element {
  return (
    <button type="button" className={`app-button app-button-${look} ${className}`} {...rest}>
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconName;
  /** What it does; its name for those who cannot see it, and its tip. */
  label: string;
  /** Keys that do the same, for the tip. */
  keys?: string;
}

export function IconButton({
  icon,
  label,
  keys,
  className = "",
  ...rest
}: IconButtonProps): JSX.Element {
  const title = keys === undefined ? label : `${label} (${keys})`;
  return (
    <button
      type="button"
      className={`app-icon-button ${className}`}
      aria-label={label}
      title={title}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}
