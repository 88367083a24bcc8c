/** Notes under the prompt, in space that is always there: what is drawn of it, what is too long, and the way back to earlier words. */

import { useEffect, useState } from "react";
import { undoReplacements, wordsBefore } from "../drawing/presses";
import { useApp } from "../store";
import { drawsText } from "../words/drawsText";
import { shortened } from "../words/shortened";
import { Ideas } from "./Ideas";
import { PROMPT_BOX_ID } from "./PromptBox";

/** A screen reader is told after a pause of so many milliseconds in typing. */
const PAUSE_MS = 1000;

export function PromptNotes() {
  const overflow = useApp(({ promptReport }) => promptReport?.overflow ?? "");
  const limit = useApp(({ promptReport }) => promptReport?.limit ?? 0);
  const draws = useApp(({ promptReport }) => drawsText(promptReport));
  const before = useApp(wordsBefore);
  return (
    <>
      <div className="prompt-notes" id="prompt-notes">
        {overflow !== "" && (
          <p className="note warning">
            Too long: the model reads {limit} tokens, and this part will not be read: “{shortened(overflow)}”
          </p>
        )}
        {overflow === "" && draws !== "" && (
          <p className="note" title={draws}>
            {draws}
          </p>
        )}
        {overflow === "" && draws === "" && before !== null && <WayBack before={before} />}
      </div>
      <Spoken text={draws} />
      <Ideas />
    </>
  );
}

/** The same for ears: politely, and not with every letter. */
function Spoken({ text }: { readonly text: string }) {
  const [spoken, setSpoken] = useState("");
  useEffect(() => {
    const pause = setTimeout(() => setSpoken(text), PAUSE_MS);
    return () => clearTimeout(pause);
  }, [text]);
  return (
    <p className="visually-hidden" role="status">
      {spoken}
    </p>
  );
}

function WayBack({ before }: { readonly before: string }) {
  const goBack = () => {
    undoReplacements();
    document.getElementById(PROMPT_BOX_ID)?.focus({ preventScroll: true });
  };
  return (
    <p className="note">
      <button type="button" className="link" onClick={goBack}>
        Back to “{shortened(before)}”
      </button>
    </p>
  );
}
