/** The first thing that Tab reaches: the way past the header. */

import { STUDIO } from "./route";

export function SkipLink() {
  return (
    <a
      className="skip-link"
      href={STUDIO}
      onClick={(event) => {
        // The address names the route, and stays.
        event.preventDefault();
        const main = document.querySelector("main");
        main?.setAttribute("tabindex", "-1");
        main?.focus();
      }}
    >
      Skip to the content
    </a>
  );
}
