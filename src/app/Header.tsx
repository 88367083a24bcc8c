/** The name of the page, and how bright it is. */

import type { Settings } from "../storage/settings";
import { changeSettings } from "./actions";
import { Icon } from "./Icon";
import { useApp } from "./store";

const NEXT_THEME: Readonly<Record<Settings["theme"], Settings["theme"]>> = {
  system: "light",
  light: "dark",
  dark: "system",
};
const THEME_NAMES = { system: "as the system", light: "light", dark: "dark" } as const;

export function Header() {
  const theme = useApp(({ settings }) => settings.theme);
  const label = `Theme: ${THEME_NAMES[theme]}`;
  return (
    <header className="header">
      <h1 className="wordmark">
        <img src={`${import.meta.env.BASE_URL}icons/icon.svg`} alt="" width={24} height={24} />
        Afterimage
      </h1>
      <button
        type="button"
        className="icon-button"
        aria-label={label}
        title={label}
        onClick={() => changeSettings({ theme: NEXT_THEME[theme] })}
      >
        <Icon name={theme} />
      </button>
    </header>
  );
}
