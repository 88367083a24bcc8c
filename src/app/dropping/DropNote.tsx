/** The answer to a file that was dropped. */

import { Icon } from "../frame/Icon";
import { store, useApp } from "../store";

export function DropNote() {
  const note = useApp(({ dropNote }) => dropNote);
  return (
    <div className="drop-note" role="status">
      {note !== null && (
        <>
          <p>{note}</p>
          <button
            type="button"
            className="icon-button"
            aria-label="Dismiss"
            onClick={() => store.setState({ dropNote: null })}
          >
            <Icon name="close" />
          </button>
        </>
      )}
    </div>
  );
}
