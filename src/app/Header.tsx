/** The name of the page, the model's, and how bright it is. */

import { useEffect, useRef } from "react";
import type { Settings } from "../storage/settings";
import { changeSettings } from "./actions";
import { Icon } from "./Icon";
import { MODEL_CARD, STUDIO, usePlace } from "./place";
import { useApp } from "./store";

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
  const model = useApp(({ modelReport }) => modelReport?.name ?? null);
  const place = usePlace();
  const link = useRef<HTMLAnchorElement>(null);
  const lastPlace = useRef(place);
  useEffect(() => {
    // Who comes back from the card goes on from where it was opened.
    if (lastPlace.current === "model-card" && place === "studio") link.current?.focus();
    lastPlace.current = place;
  }, [place]);
  const label = `Theme: ${THEME_NAMES[theme]}`;
  return (
    <header className="header">
      <Wordmark isTitle={place === "studio"} />
      {model !== null && (
        <a
          ref={link}
          className="button quiet model-link"
          href={MODEL_CARD}
          aria-current={place === "model-card" ? "page" : undefined}
          aria-label={`${model}: model card`}
        >
          {model}
        </a>
      )}
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
