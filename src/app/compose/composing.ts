/** Keys that belong to an input method. */

/** All that Safari says of the key that ends a composition (UI Events, 7.3.1). */
const COMPOSING_KEY = 229;

/** True for a key that an input method takes for itself. */
export function isComposing(event: Pick<KeyboardEvent, "isComposing" | "keyCode">): boolean {
  return event.isComposing || event.keyCode === COMPOSING_KEY;
}
