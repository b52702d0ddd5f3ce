import type { JSX, ReactNode } from "react";
import { IconButton } from "../ui/Button.tsx";
import { Icon, type IconName } from "../ui/Icon.tsx";

type Tone = "warn" | "bad" | "good";
const ICONS: Record<Tone, IconName> = { warn: "warning", bad: "warning", good: "check" };

interface NoticeProps {
  tone: Tone;
  onDismiss: () => void;
  children: ReactNode;
}

export function Notice({ tone, onDismiss, children }: NoticeProps): JSX.Element {
  return (
    <div className={`app-notice app-notice-${tone}`}>
      <Icon name={ICONS[tone]} />
      <div className="app-notice-text">{children}</div>
      <IconButton icon="close" label="Dismiss" onClick={onDismiss} />
    </div>
  );
}
