/** Documents of the bundled model, fetched when somebody looks at them. */

import { useEffect, useState } from "react";
import { asFailure } from "../../../core/failure";
import { bundledDocuments } from "../../../storage/bundledModel";

const documents = bundledDocuments();

/** State of a document; "absent" if the model's makers wrote none. */
export type DocumentState<T> =
  | { readonly status: "loading" | "absent" }
  | { readonly status: "here"; readonly content: T }
  | { readonly status: "failed"; readonly message: string };

/** Paths of all plots of the evaluation. */
export const PLOTS: readonly string[] = documents.paths.filter((path) => path.endsWith(".png"));

/** A document as text. */
export function useTextDocument(path: string): DocumentState<string> {
  const [bundled, setBundled] = useState<DocumentState<string>>({ status: "loading" });
  useEffect(() => {
    let isWanted = true;
    void documentText(path).then((read) => isWanted && setBundled(read));
    return () => {
      isWanted = false;
    };
  }, [path]);
  return bundled;
}

/** The address of a picture among the documents; null until it has come. It is given back when nobody shows it. */
export function usePictureUrl(path: string): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    let made: string | null = null;
    let isWanted = true;
    const show = (blob: Blob | null) => {
      if (!isWanted || blob === null) return;
      made = URL.createObjectURL(blob.slice(0, blob.size, "image/png"));
      setUrl(made);
    };
    // A plot that does not come leaves its place empty: its caption and the tables stand.
    documents.open(path).then(show, () => undefined);
    return () => {
      isWanted = false;
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [path]);
  return url;
}

async function documentText(path: string): Promise<DocumentState<string>> {
  try {
    const blob = await documents.open(path);
    return blob === null ? { status: "absent" } : { status: "here", content: await blob.text() };
  } catch (error) {
    return { status: "failed", message: asFailure(error).message };
  }
}
