/** The theme: the system's, or the one chosen here, kept for the next visit. `public/theme.js` sets it first. */
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
export const THEMES: readonly Theme[] = ["system", "light", "dark"];
const KEY = "diagramai.theme";

const listeners = new Set<() => void>();
const systemDark = (): MediaQueryList => matchMedia("(prefers-color-scheme: dark)");

/** Anything but the two fixed themes means the system's. */
export function themeFrom(stored: string | null): Theme {
  return stored === "light" || stored === "dark" ? stored : "system";
}

export function resolveTheme(theme: Theme, systemIsDark: boolean): "light" | "dark" {
  if (theme === "system") return systemIsDark ? "dark" : "light";
  return theme;
}

let current: Theme = "system";

/** Takes up the stored theme and follows the system from now on. Called once, at the start. */
export function startTheme(): void {
  current = themeFrom(read());
  show();
  systemDark().addEventListener("change", show);
}

export function chooseTheme(theme: Theme): void {
  current = theme;
  write(theme);
  show();
}

function show(): void {
  document.documentElement.dataset.theme = resolveTheme(current, systemDark().matches);
  for (const listener of listeners) listener();
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function write(theme: Theme): void {
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Where storage is forbidden the choice holds until the page is left.
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What was chosen, `system` included. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, () => current);
}

/** What is shown now. */
export function useShownTheme(): "light" | "dark" {
  return useSyncExternalStore(subscribe, () => resolveTheme(current, systemDark().matches));
}
