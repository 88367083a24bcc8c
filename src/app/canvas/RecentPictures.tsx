/** The pictures of this visit, newest first: the best of each set; pressing one puts it on the stage. */

import { useMemo } from "react";
import { showPicture } from "../drawing/actions";
import { setsOf } from "../drawing/pictures";
import { isLiveOn, isStageEmpty } from "../live/request";
import { isBusy, shownPicture, useApp } from "../store";

export function RecentPictures() {
  const pictures = useApp((state) => state.pictures);
  const shownSetId = useApp((state) => shownPicture(state)?.setId ?? null);
  const busy = useApp(isBusy);
  const sets = useMemo(() => setsOf(pictures), [pictures]);
  const isLive = useApp((state) => isLiveOn(state) && !isStageEmpty(state));
  // Live mode brings pictures unasked: their place is there before them, so that no knob moves under a finger.
  if (sets.length < 2 && !isLive) return null;
  return (
    <ul className="recent" aria-label="Pictures of this visit">
      {sets.map(({ id: setId, pictures: [{ id, url, widthPx, heightPx, recipe, model }, ...others] }) => (
        <li key={setId}>
          <button
            type="button"
            className="thumbnail"
            disabled={busy}
            aria-current={setId === shownSetId}
            title={model.name}
            onClick={() => showPicture(id)}
          >
            <img
              src={url}
              width={widthPx}
              height={heightPx}
              alt={`${model.name}, seed ${recipe.seed}: ${recipe.prompt}`}
            />
            {others.length > 0 && (
              <span className="count">
                {others.length + 1}
                <span className="visually-hidden"> pictures</span>
              </span>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}
