import type { JSX } from "react";
import { chooseTheme, THEMES, type Theme, useShownTheme, useTheme } from "../theme.ts";
import { Icon, type IconName } from "./Icon.tsx";
import { Popover } from "./Popover.tsx";

const CHOICES: Record<Theme, { words: string; icon: IconName }> = {
  system: { words: "As the system", icon: "screen" },
  light: { words: "Light", icon: "sun" },
  dark: { words: "Dark", icon: "moon" },
};

export function ThemeSwitch(): JSX.Element {
  const theme = useTheme();
  const shown = useShownTheme();
  return (
    <Popover
      label="Theme"
      title={`Theme: ${CHOICES[theme].words.toLowerCase()}`}
      buttonClass="app-icon-button"
      button={<Icon name={CHOICES[shown].icon} />}
    >
      {(close) => (
        <ul className="app-menu">
          {THEMES.map((choice) => (
            <li key={choice}>
              <button
                type="button"
                aria-pressed={choice === theme}
                onClick={() => {
                  chooseTheme(choice);
                  close();
                }}
              >
                <Icon name={CHOICES[choice].icon} />
                {CHOICES[choice].words}
                {choice === theme && <Icon name="check" className="app-menu-check" />}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Popover>
  );
}
