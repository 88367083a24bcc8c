/** Models: those that are here, those that could be, and any other. */

import { useEffect, useRef } from "react";
import { Icon } from "../frame/Icon";
import { comesFrom, STUDIO } from "../frame/route";
import { listModels, openLibrary } from "./actions";
import { AddModel } from "./adding/AddModel";
import { Catalogue } from "./adding/Catalogue";
import { DropTarget } from "./adding/DropTarget";
import { HereList } from "./here/HereList";
import { StorageMeter } from "./here/StorageMeter";
import { readCatalogue } from "./offers";

export function ModelsPage() {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    void openLibrary();
    void readCatalogue();
    // Another page as far as a person can tell, so reading begins at its top; but who comes back goes on where it was left.
    scrollTo({ top: 0 });
    if (!comesFrom("model-card")) title.current?.focus({ preventScroll: true });
    // Another tab may have kept or deleted something meanwhile.
    const look = () => document.visibilityState === "visible" && void listModels();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return (
    <DropTarget>
      <header>
        <a className="link with-icon way-back" href={STUDIO}>
          <Icon name="back" />
          Back to the studio
        </a>
        <h1 ref={title} tabIndex={-1}>
          Models
        </h1>
        <p className="lead">
          Every model runs on this device. Nothing is fetched before you have seen what it takes and said yes.
        </p>
        <StorageMeter />
      </header>
      <HereList />
      <AddModel />
      <Catalogue />
    </DropTarget>
  );
}
