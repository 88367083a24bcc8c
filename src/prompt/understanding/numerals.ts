/** English words for small numbers. */

const NUMERALS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/** "one" ... "ten" for 1 ... 10; "" for others. */
export function numeral(count: number): string {
  return NUMERALS[count - 1] ?? "";
}

/** 1 ... 10 for "one" ... "ten"; 1 for every other word, as for "a". */
export function countOfWord(word: string): number {
  return Math.max(0, NUMERALS.indexOf(word)) + 1;
}
