/** The model's measurements, in tables and plots. */

import { useMemo } from "react";
import { TableView } from "../../frame/TableView";
import { PLOTS, usePictureUrl, useTextDocument } from "./bundledDocuments";
import { type Section, sectionsOf } from "./evaluation";

export function Evaluation() {
  const bundled = useTextDocument("evaluation.json");
  const text = bundled.status === "here" ? bundled.content : null;
  const sections = useMemo(() => sectionsOf(parsed(text)), [text]);
  const others = PLOTS.filter((path) => !sections.some(({ key }) => belongs(path, key)));
  if (bundled.status === "loading") return null;
  if (bundled.status === "failed")
    return <p className="note">The evaluation is not here: {bundled.message}</p>;
  if (sections.length === 0 && others.length === 0) return null;
  return (
    <section className="evaluation" aria-labelledby="evaluation-title">
      <h2 id="evaluation-title">Evaluation</h2>
      {sections.map((section) => (
        <SectionView key={section.key} section={section} />
      ))}
      {others.map((path) => (
        <Plot key={path} path={path} />
      ))}
    </section>
  );
}

function SectionView({ section }: { readonly section: Section }) {
  const { key, title, about, facts, tables } = section;
  return (
    <section className="subject" aria-label={title}>
      <h3>{title}</h3>
      {about !== "" && <p>{about}</p>}
      {tables.map((table) => (
        <TableView key={table.columns.join(" ")} table={table} label={title} />
      ))}
      {facts.length > 0 && (
        <dl className="measures">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {PLOTS.filter((path) => belongs(path, key)).map((path) => (
        <Plot key={path} path={path} />
      ))}
    </section>
  );
}

function Plot({ path }: { readonly path: string }) {
  const url = usePictureUrl(path);
  const name = nameOf(path).replaceAll(/[_-]+/g, " ");
  return (
    <figure className="plot">
      {url !== null && <img src={url} alt={`Plot: ${name}`} />}
      <figcaption>{name}</figcaption>
    </figure>
  );
}

/** A plot belongs to the subject that its name begins with: "samplers.png", "samplers-fid.png". */
function belongs(path: string, key: string): boolean {
  return nameOf(path).split(/[_-]/)[0] === key;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.png$/, "");
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    // The bytes are those that the site was built with, so there is nothing that a person could do about it.
    return null;
  }
}
