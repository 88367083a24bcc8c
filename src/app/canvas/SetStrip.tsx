/** The pictures that were asked for at once, best first; those still to come keep their places. */

import { showPicture } from "../drawing/actions";
import { ranked } from "../drawing/pictures";
import { type AppState, isBusy, type KeptPicture, shownPicture, useApp } from "../store";

export function SetStrip() {
  const pictures = useApp((state) => state.pictures);
  const setId = useApp(setOnShow);
  const shownId = useApp((state) => state.shownId);
  const busy = useApp(isBusy);
  const slots = useApp(slotsOf);
  const set = ranked(pictures.filter((picture) => picture.setId === setId));
  const isComing = useApp(({ run }) => run.status === "running" && run.round.index === 0);
  const done = isComing ? [] : set;
  const count = Math.max(slots, done.length);
  if (count < 2) return null;
  const coming = Array.from({ length: count - done.length }, (_, index) => index);
  const hasPromptMatch = done.some(({ promptMatch }) => promptMatch !== null);
  return (
    <section className="set" aria-label={`Best of ${count}`}>
      <h2>
        Best of {count}
        <small className="set-order">
          {hasPromptMatch || done.length === 0 ? "by prompt match" : "in order of seeds"}
        </small>
      </h2>
      <ol>
        {done.map((picture, index) => (
          <li key={picture.id}>
            <SetPicture
              picture={picture}
              rank={index + 1}
              isShown={picture.id === shownId}
              isDisabled={busy}
            />
          </li>
        ))}
        {coming.map((index) => (
          <li key={`to come ${index}`} className="to-come" aria-hidden="true" />
        ))}
      </ol>
    </section>
  );
}

interface SetPictureProps {
  readonly picture: KeptPicture;
  /** 1 is best. */
  readonly rank: number;
  readonly isShown: boolean;
  readonly isDisabled: boolean;
}

function SetPicture({ picture, rank, isShown, isDisabled }: SetPictureProps) {
  const { id, url, widthPx, heightPx, recipe, promptMatch } = picture;
  const score = promptMatch === null ? null : promptMatch.toFixed(1);
  return (
    <button
      type="button"
      className="set-picture"
      disabled={isDisabled}
      aria-current={isShown}
      aria-label={`Number ${rank}, seed ${recipe.seed}${score === null ? "" : `, prompt match ${score}`}`}
      onClick={() => showPicture(id)}
    >
      <span className="thumbnail">
        <img src={url} width={widthPx} height={heightPx} alt="" />
      </span>
      <small className="set-score" aria-hidden="true">
        {score ?? recipe.seed.toString()}
      </small>
    </button>
  );
}

/** The set in the making or, when nothing is made, that of the picture on show. */
function setOnShow(state: AppState): number | null {
  const { run, pictures } = state;
  if (run.status === "running" && run.round.index > 0) return pictures[0]?.setId ?? null;
  return shownPicture(state)?.setId ?? null;
}

/** How many pictures the set will have that is in the making; 0 when nothing is. */
function slotsOf({ run }: AppState): number {
  return run.status === "running" ? run.round.count : 0;
}

/** True if there is a strip to make room for. */
export function hasSetStrip(state: AppState): boolean {
  if (state.run.status === "running") return state.run.round.count > 1;
  const setId = shownPicture(state)?.setId;
  return state.pictures.filter((picture) => picture.setId === setId).length > 1;
}
