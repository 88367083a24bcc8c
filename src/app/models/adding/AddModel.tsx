/** Any other model: by the name of a repository, by an address, or from the disk. */

import { type FormEvent, useId, useState } from "react";
import { changeSettings } from "../../drawing/actions";
import { Icon } from "../../frame/Icon";
import { useApp } from "../../store";
import { planModel } from "../actions";
import { DiskSection } from "./DiskSection";
import { namedOrigin } from "./origins";
import { PlanView } from "./PlanView";

export function AddModel() {
  return (
    <section aria-labelledby="add-title">
      <h2 id="add-title">Add any other</h2>
      <div className="adding">
        <OriginForm />
        <DiskSection />
      </div>
    </section>
  );
}

function OriginForm() {
  const id = useId();
  const hubUrl = useApp(({ settings }) => settings.hubUrl);
  const [text, setText] = useState("");
  const [revision, setRevision] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const named = namedOrigin(text, { hubUrl, revision });
    setProblem(named.status === "unclear" ? named.problem : null);
    if (named.status === "named") void planModel("field", named.origin);
  };
  return (
    <div className="from-hub">
      <form onSubmit={submit} noValidate>
        <div className="field">
          <label htmlFor={id}>Hugging Face repository, or address of a .safetensors file</label>
          <div className="lookup">
            <input
              type="text"
              id={id}
              inputMode="url"
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              placeholder="owner/name"
              value={text}
              aria-invalid={problem !== null}
              aria-describedby={`${id}-hint`}
              onChange={({ target }) => {
                setText(target.value);
                setProblem(null);
              }}
            />
            <button type="submit" className="button main">
              <Icon name="search" />
              Look it up
            </button>
          </div>
          <p className={problem === null ? "hint" : "hint is-problem"} id={`${id}-hint`} role="status">
            {problem ?? "Looking it up fetches names and sizes only."}
          </p>
        </div>
        <details className="more">
          <summary>
            <Icon name="chevron" />
            More
          </summary>
          <div className="more-body">
            <RevisionField revision={revision} onChange={setRevision} />
            <HubField />
          </div>
        </details>
      </form>
      <PlanView target="field" />
    </div>
  );
}

interface RevisionFieldProps {
  readonly revision: string;
  onChange(revision: string): void;
}

function RevisionField({ revision, onChange }: RevisionFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Revision</label>
      <input
        type="text"
        id={id}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        placeholder="main"
        value={revision}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => onChange(target.value)}
      />
      <p className="hint" id={`${id}-hint`}>
        A branch, tag or commit of the repository
      </p>
    </div>
  );
}

/** Where repositories are looked up; kept with the other settings as soon as it is an address. */
function HubField() {
  const id = useId();
  const hubUrl = useApp(({ settings }) => settings.hubUrl);
  // A half-typed address is no error yet.
  const [draft, setDraft] = useState<string | null>(null);
  const isRefused = draft !== null && addressIn(draft) === null;
  const take = (text: string) => {
    setDraft(text);
    const address = addressIn(text);
    if (address !== null) changeSettings({ hubUrl: address });
  };
  return (
    <div className="field">
      <label htmlFor={id}>Hub</label>
      <input
        type="text"
        id={id}
        inputMode="url"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={HUB_CHARS}
        value={draft ?? hubUrl}
        aria-invalid={isRefused}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => take(target.value)}
        onBlur={() => setDraft(null)}
      />
      <p className="hint" id={`${id}-hint`}>
        {isRefused
          ? "An address begins with https://."
          : "A mirror serves the same repositories at another address"}
      </p>
    </div>
  );
}

const HUB_CHARS = 300;

/** The address of a hub, without slashes at its end; null if the text is none. */
function addressIn(text: string): string | null {
  const address = text.trim().replace(/\/+$/, "");
  return /^https?:\/\/[^\s?#]+$/i.test(address) && URL.canParse(address) ? address : null;
}
