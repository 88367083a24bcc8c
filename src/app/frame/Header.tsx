/** The name of the page, the model's, and how bright it is. */

import { useEffect, useRef } from "react";
import type { Settings } from "../../storage/settings";
import { changeSettings } from "../drawing/actions";
import { useApp } from "../store";
import { Icon } from "./Icon";
import { comesFrom, MODELS, type Route, STUDIO, useRoute } from "./route";

const NEXT_THEME: Readonly<Record<Settings["theme"], Settings["theme"]>> = {
  system: "light",
  light: "dark",
  dark: "system",
};
const THEME_NAMES = { system: "as the system", light: "light", dark: "dark" } as const;

/** The title of the studio; on other pages, which have their own, the way there. */
function Wordmark({ isTitle }: { readonly isTitle: boolean }) {
  const mark = (
    <>
      <img src={`${import.meta.env.BASE_URL}icons/icon.svg`} alt="" width={24} height={24} />
      Afterimage
    </>
  );
  if (isTitle) return <h1 className="wordmark">{mark}</h1>;
  return (
    <a className="wordmark" href={STUDIO}>
      {mark}
    </a>
  );
}

export function Header() {
  const theme = useApp(({ settings }) => settings.theme);
  const route = useRoute();
  const label = `Theme: ${THEME_NAMES[theme]}`;
  return (
    <header className="header">
      <Wordmark isTitle={route === "studio"} />
      <ModelLink route={route} />
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

/** The model that draws, by name, and the way to all others. */
function ModelLink({ route }: { readonly route: Route }) {
  const name = useApp(({ modelReport, chosen }) => modelReport?.name ?? chosen.name);
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    // Who comes back goes on from where the view was opened.
    if (route === "studio" && comesFrom("models")) link.current?.focus();
  }, [route]);
  const text = name === "" ? "Models" : name;
  return (
    <a
      ref={link}
      className="button quiet model-link"
      href={MODELS}
      aria-current={route === "models" ? "page" : undefined}
      aria-label={name === "" ? undefined : `${name}: models`}
    >
      <Icon name="box" />
      <span>{text}</span>
    </a>
  );
}
