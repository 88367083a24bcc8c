/** JSON as Python writes it. */

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\b(?:Infinity|NaN)\b/g;

/**
 * Parses JSON in which numbers may be `Infinity`, `-Infinity` or `NaN`, which Python writes and `JSON.parse` refuses: diffusers'
 * schedulers say `"lambda_min_clipped": -Infinity`. They become null, that is, not given.
 *
 * @throws {SyntaxError} for text that is not even that.
 */
export function parsePythonJson(text: string): unknown {
  return JSON.parse(text.replace(TOKEN, (token) => (token.startsWith('"') ? token : "null")));
}
