/** Good public models that could be here. */

export function Catalogue() {
  return null;
}
