/** Whether this device can run a model, before a byte of it is fetched. */

import type { CatalogueEntry } from "../../core/catalogue";
import { Icon } from "../Icon";

export function FitNote({ entry }: { readonly entry: CatalogueEntry }) {
  const { missing } = entry;
  if (missing !== null)
    return (
      <p className="fit is-bad">
        <Icon name="alert" />
        {missing}
      </p>
    );
  return null;
}
