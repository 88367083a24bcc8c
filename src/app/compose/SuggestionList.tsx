/** The list of suggestions that the text box points at. */

import type { Suggesting } from "./suggesting";

interface SuggestionListProps {
  readonly id: string;
  readonly suggesting: Suggesting;
}

export function SuggestionList({ id, suggesting }: SuggestionListProps) {
  const { suggestions, active, take } = suggesting;
  return (
    <>
      <div
        className="suggestions"
        id={id}
        role="listbox"
        aria-label="Words it knows"
        hidden={suggestions.length === 0}
      >
        {suggestions.map((suggestion, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the text box keeps the focus and hears the keys.
          <div
            key={`${suggestion.start} ${suggestion.text}`}
            id={optionId(id, index)}
            className="suggestion"
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(suggestion)}
          >
            <span>{suggestion.text}</span>
            <small>{suggestion.label}</small>
          </div>
        ))}
      </div>
      <p className="visually-hidden" aria-live="polite">
        {suggestions.length > 0 && `${suggestions.length} suggestions. Down arrow to choose.`}
      </p>
    </>
  );
}

/** The id of the option that the text box names as active. */
export function optionId(listId: string, index: number): string {
  return `${listId}-${index}`;
}
