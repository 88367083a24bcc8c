/** How well a picture goes with its prompt, in the opinion of the model's own prompt match, and what that opinion is worth. */

import { useId } from "react";
import { matchOf } from "../drawing/match";
import { MODEL_CARD } from "../frame/route";
import { isBundledChosen, type KeptPicture, useApp } from "../store";

interface MatchMeterProps {
  readonly score: number;
  /** The scores that right and wrong captions get from the prompt match of the model that drew the picture. */
  readonly scale: KeptPicture["model"]["promptMatch"];
}

export function MatchMeter({ score, scale }: MatchMeterProps) {
  const id = useId();
  const hasCard = useApp(isBundledChosen);
  const match = matchOf(score, scale);
  const rounded = score.toFixed(1);
  return (
    <div className="match">
      <span className="match-name">Prompt match</span>
      {match !== null && (
        <meter aria-label="Prompt match" min={0} max={1} value={match.part} title={match.name} />
      )}
      <span className="match-score">{match === null ? rounded : `${rounded}, ${match.name}`}</span>
      <button type="button" className="link" popoverTarget={id}>
        What is this?
      </button>
      <div id={id} popover="auto" className="explanation" role="dialog" aria-label="What prompt match means">
        <p>
          A <strong>CLIP score</strong>: two small networks, one that reads and one that looks, turn prompt
          and picture into two directions, and 100 times the cosine between them is the score ({rounded}{" "}
          here).
        </p>
        {scale !== null && (
          <p>
            Among pictures it had never seen, this model’s judge gives {scale.typical.toFixed(1)} on average
            to a picture with its own caption, where the bar is full (<em>typical</em>), and{" "}
            {scale.mismatched.toFixed(1)} to one with the caption of another, where it is empty (
            <em>mismatched</em>).
          </p>
        )}
        <p>
          It is the model’s own judge, learnt from the same kind of pictures: good for choosing among pictures
          of one prompt, and sometimes wrong. It knows nothing of beauty.
        </p>
        {hasCard && (
          <p>
            <a href={MODEL_CARD}>More on the model card</a>
          </p>
        )}
      </div>
    </div>
  );
}
