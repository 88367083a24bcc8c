/** A failure of one thing, shown beside that thing. */

import type { ReactNode } from "react";
import { Icon } from "../frame/Icon";
import type { FailureFacts } from "../store";

interface FailureNoteProps {
  readonly title: string;
  readonly failure: FailureFacts;
  /** Remedies. */
  readonly children?: ReactNode;
}

export function FailureNote({ title, failure, children }: FailureNoteProps) {
  return (
    <div className="trouble" role="alert">
      <p className="with-icon">
        <Icon name="alert" />
        <strong>{title}</strong>
      </p>
      <p className="failure-detail">{failure.message}</p>
      {children !== undefined && <div className="actions">{children}</div>}
    </div>
  );
}
