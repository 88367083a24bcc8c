/** Going over to a model, and how far that has come, where the model stands. */

import type { LoadSource } from "../../protocol/calls";
import { takeRemedy } from "../drawing/actions";
import { drawWith, forgetRefused, isSameSource } from "../drawing/loading";
import { failureText, REMEDY_LABELS } from "../frame/failureText";
import { Icon } from "../frame/Icon";
import { STUDIO } from "../frame/route";
import { statusOf } from "../frame/statusText";
import { type ChosenModel, situationOf, useApp } from "../store";
import { attend } from "./attention";
import { FailureNote } from "./FailureNote";

interface UseButtonProps {
  readonly chosen: ChosenModel;
  readonly name: string;
  /** Of the entry that it stands in. */
  readonly titleId: string;
}

/** Use; for the model that draws already, the way to where it draws. */
export function UseButton({ chosen, name, titleId }: UseButtonProps) {
  const isChosen = useApp((state) => isSameSource(state.chosen.source, chosen.source));
  const status = useApp(({ model }) => model.status);
  const isDrawing = useApp(({ run }) => run.status === "running");
  if (isChosen && status === "ready")
    return (
      <a className="button" href={STUDIO} aria-label={`Draw with it: ${name}`}>
        Draw with it
      </a>
    );
  const isLoading = isChosen && (status === "loading" || status === "recovering");
  return (
    <button
      type="button"
      className="button"
      aria-label={`${isLoading ? "Opening" : "Use"} ${name}`}
      disabled={isLoading || isDrawing}
      title={isDrawing ? "A picture is in the making: stop it, or let it finish." : undefined}
      onClick={() => {
        void drawWith(chosen);
        attend(titleId);
      }}
    >
      {isLoading ? "Opening" : "Use"}
    </button>
  );
}

/** The note on a model that was chosen to draw, or could not be opened; the others have none. */
export function UseState({ source }: { readonly source: LoadSource }) {
  const isChosen = useApp((state) => isSameSource(state.chosen.source, source));
  const model = useApp((state) => state.model);
  const situation = useApp((state) => situationOf(state).model);
  if (!isChosen) return <Refused source={source} />;
  switch (model.status) {
    case "absent":
      return null;
    case "loading":
    case "recovering":
      return <Opening />;
    case "ready":
      return (
        <p className="in-use with-icon">
          <Icon name="check" />
          In use. Runs on: {model.backend.description}
        </p>
      );
    case "failed":
    case "dead": {
      const { title, advice, remedies } = failureText(model.failure.code, {
        worker: model.status === "dead" ? "dead" : "alive",
        model: situation,
      });
      return (
        <FailureNote title={`${title} ${advice}`} failure={model.failure}>
          {remedies
            .filter((remedy) => remedy !== "open-models")
            .map((remedy) => (
              <button
                key={remedy}
                type="button"
                className="button quiet"
                onClick={() => void takeRemedy(remedy)}
              >
                {REMEDY_LABELS[remedy]}
              </button>
            ))}
        </FailureNote>
      );
    }
  }
}

/** Why a model could not be opened, while the one before draws on. */
function Refused({ source }: { readonly source: LoadSource }) {
  const failure = useApp(({ refused }) =>
    refused !== null && isSameSource(refused.chosen.source, source) ? refused.failure : null,
  );
  if (failure === null) return null;
  const { title } = failureText(failure.code, { worker: "alive", model: "other" });
  return (
    <FailureNote title={`${title} The model before draws on.`} failure={failure}>
      <button type="button" className="button quiet" onClick={forgetRefused}>
        Dismiss
      </button>
    </FailureNote>
  );
}

function Opening() {
  const text = useApp((state) => statusOf(state)?.text ?? "");
  const done = useApp((state) => statusOf(state)?.done ?? null);
  return (
    <div className="task">
      <progress aria-label="Opening the model" max={1} {...(done === null ? {} : { value: done })} />
      <p>{text}</p>
    </div>
  );
}
