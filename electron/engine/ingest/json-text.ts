/** The deepest nesting that is read. */
export const MOST_DEPTH = 64;

const [QUOTE, BACKSLASH, COLON, COMMA] = [34, 92, 58, 44];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];

/** The end of a string that begins at `at` (its quotation mark), or -1 where the text ends before it. */
function endOfString(text: string, at: number): number {
  for (let from = at + 1; ;) {
    const mark = text.indexOf('"', from);
    if (mark < 0) return -1;
    let slashes = 0;
    while (text.charCodeAt(mark - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return mark + 1;
    from = mark + 1;
  }
}

export interface JsonExtent {
  /** After the value. */
  readonly end: number;
  readonly depth: number;
  /** Pairs of key and value in it, at any depth. */
  readonly pairs: number;
}

/**
 * Where the JSON value ends that begins at `at`, told by its brackets alone: at a comma or a closing bracket on its own
 * level for what is none. Null where the text ends before it does.
 */
export function extentOf(text: string, at: number): JsonExtent | null {
  let depth = 0;
  let deepest = 0;
  let pairs = 0;
  for (let here = at; here < text.length;) {
    const code = text.charCodeAt(here);
    if (code === QUOTE) {
      here = endOfString(text, here);
      if (here < 0) return null;
      if (depth === 0) return { end: here, depth: deepest, pairs };
      continue;
    }
    if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) {
      if (depth === 0) return { end: here, depth: deepest, pairs };
      depth -= 1;
      if (depth === 0) return { end: here + 1, depth: deepest, pairs };
    } else if (code === COLON) pairs += 1;
    else if (depth === 0 && (code === COMMA || code <= 32)) return { end: here, depth: deepest, pairs };
    here += 1;
  }
  return null;
}

/** Not-a-number and infinity as Python and JavaScript write them, put as JSON can say them. */
function withoutWords(text: string): string {
  let made = '';
  for (let at = 0; at < text.length;) {
    const string = text.indexOf('"', at);
    const end = string < 0 ? text.length : string;
    made += text
      .slice(at, end)
      .replace(/(?<![\w.])NaN(?!\w)/g, 'null')
      .replace(/(?<![\w.])Infinity(?!\w)/g, '1e999');
    if (string < 0) break;
    const after = endOfString(text, string);
    if (after < 0) return text;
    made += text.slice(string, after);
    at = after;
  }
  return made;
}

/** Whole numbers that float64 does not hold are kept as the text they are. */
const keepDigits = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
    ? context?.source
    : value;

const LONG_DIGITS = /\d{16}/;

function parse(text: string): unknown {
  return LONG_DIGITS.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

/**
 * Parses a JSON value. NaN and Infinity, which many programs write, are taken; whole numbers beyond 2^53 come as text.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    return parse(withoutWords(text));
  }
}
