/** Three pictures that the model can draw, where it knows nothing of what was asked for. */

import { generate } from "../drawing/actions";
import { pressSettings } from "../drawing/presses";
import { MODELS } from "../frame/route";
import { useApp } from "../store";

const NONE: readonly string[] = [];

export function Ideas() {
  const isAsked = useApp(
    ({ unknownPrompt, promptReport, settings }) =>
      unknownPrompt === settings.prompt && promptReport?.text === settings.prompt,
  );
  const ideas = useApp(({ promptReport }) => promptReport?.understood?.ideas ?? NONE);
  if (!isAsked || ideas.length === 0) return null;
  return (
    <section className="ideas" aria-label="Ideas">
      <p>The model was taught none of these words. It can draw:</p>
      <ul className="chips">
        {ideas.map((idea) => (
          <li key={idea}>
            <button type="button" className="chip" onClick={() => draw(idea)}>
              {idea}
            </button>
          </li>
        ))}
      </ul>
      <p>
        <a href={MODELS}>A larger model</a> knows more.
      </p>
    </section>
  );
}

function draw(prompt: string): void {
  pressSettings({ prompt }, true);
  void generate();
}
