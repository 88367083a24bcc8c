/** The whole view takes what is dropped on it. */

import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { chooseFromDisk } from "../actions";
import { DISK_SECTION_ID } from "./DiskSection";
import { fromDrop } from "./disk";

export function DropTarget({ children }: { readonly children: ReactNode }) {
  const [isOver, setOver] = useState(false);
  // Entering a child comes before leaving its parent, so they are counted.
  const depth = useRef(0);
  const follow = (change: number) => {
    depth.current = Math.max(0, depth.current + change);
    setOver(depth.current > 0);
  };
  const drop = (event: DragEvent) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth.current = 0;
    setOver(false);
    const choosing = fromDrop(event.dataTransfer);
    if (choosing === null) return;
    void chooseFromDisk(() => choosing);
    document.getElementById(DISK_SECTION_ID)?.scrollIntoView({ block: "nearest" });
  };
  return (
    <main
      className={isOver ? "models-page is-over" : "models-page"}
      onDragEnter={(event) => hasFiles(event) && follow(1)}
      onDragLeave={(event) => hasFiles(event) && follow(-1)}
      onDragOver={(event) => hasFiles(event) && event.preventDefault()}
      onDrop={drop}
    >
      {children}
    </main>
  );
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer.types.includes("Files");
}
