/** The pictures of this visit, newest first; pressing one puts it on the stage. */

import { showPicture } from "../actions";
import { isBusy, useApp } from "../store";

export function RecentPictures() {
  const pictures = useApp((state) => state.pictures);
  const shownId = useApp((state) => state.shownId);
  const busy = useApp(isBusy);
  if (pictures.length < 2) return null;
  return (
    <ul className="recent" aria-label="Pictures of this visit">
      {pictures.map(({ id, url, widthPx, heightPx, recipe }) => (
        <li key={id}>
          <button
            type="button"
            className="thumbnail"
            disabled={busy}
            aria-current={id === shownId}
            onClick={() => showPicture(id)}
          >
            <img src={url} width={widthPx} height={heightPx} alt={`Seed ${recipe.seed}: ${recipe.prompt}`} />
          </button>
        </li>
      ))}
    </ul>
  );
}
