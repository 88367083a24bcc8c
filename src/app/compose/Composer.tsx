/** Where the words go: the prompt, what the model makes of it, and the button. */

import { DropNote } from "../dropping/DropNote";
import { LiveSwitch } from "../live/LiveSwitch";
import { GenerateButton } from "./GenerateButton";
import { PromptBox } from "./PromptBox";
import { PromptNotes } from "./PromptNotes";

export function Composer() {
  return (
    <section className="composer" aria-label="Compose">
      <PromptBox />
      <PromptNotes />
      <DropNote />
      <GenerateButton />
      <LiveSwitch />
    </section>
  );
}
