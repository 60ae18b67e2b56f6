/** What the header of a .npy file says. */
export interface NpyHeader {
  /** A structured dtype as it is written, from its bracket on. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/**
 * Parses the Python dictionary literal of a .npy header: exactly the keys descr, fortran_order and shape, with a
 * string or a list of a structured dtype, True or False, and a tuple of whole numbers. Returns what is wrong as a string.
 */
export function parseNpyHeader(text: string): NpyHeader | string {
  let at = 0;
  const space = (): void => {
    while (text[at] === ' ' || text[at] === '\t' || text[at] === '\n') at += 1;
  };
  const take = (token: string): boolean => {
    space();
    if (!text.startsWith(token, at)) return false;
    at += token.length;
    return true;
  };
  const match = (pattern: RegExp): string | null => {
    space();
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return null;
    at += found[0].length;
    return found[1] ?? found[0];
  };
  /** A list or tuple of strings, whole numbers and such lists, as text. */
  const brackets = (): string | null => {
    space();
    const start = at;
    let depth = 0;
    do {
      const token = match(/[[\](),]|\d{1,15}|'[^'\\]*'|"[^"\\]*"/y);
      if (token === null) return null;
      if (token === '[' || token === '(') depth += 1;
      if (token === ']' || token === ')') depth -= 1;
    } while (depth > 0);
    return text.slice(start, at);
  };
  const quoted = (): string | null => match(/'([^'\\]*)'/y) ?? match(/"([^"\\]*)"/y);

  let descr: string | null = null;
  let fortranOrder: boolean | null = null;
  let shape: number[] | null = null;
  if (!take('{')) return 'it does not begin with {';
  while (!take('}')) {
    const key = quoted();
    if (key === null || !take(':')) return `a name was expected at its character ${at}`;
    if (key === 'descr' && descr === null) {
      space();
      descr = text[at] === '[' ? brackets() : quoted();
      if (descr === null) return 'its descr is no dtype';
    } else if (key === 'fortran_order' && fortranOrder === null) {
      if (take('True')) fortranOrder = true;
      else if (take('False')) fortranOrder = false;
      else return 'its fortran_order is neither True nor False';
    } else if (key === 'shape' && shape === null) {
      if (!take('(')) return 'its shape is not a tuple';
      shape = [];
      while (!take(')')) {
        const number = match(/\d{1,15}(?!\d)/y);
        if (number === null) {
          const long = match(/\d{16,40}/y);
          return long === null
            ? 'its shape holds something that is not a whole number'
            : `its shape holds ${long}, and no axis may be longer than 999999999999999`;
        }
        // Python 2 wrote long integers with an L.
        take('L');
        shape.push(Number(number));
        if (shape.length > 32) return 'its shape has more than 32 axes';
        if (!take(',')) {
          if (take(')')) break;
          return 'its shape is not a tuple';
        }
      }
    } else return `the name ${JSON.stringify(key)} was not expected`;
    if (!take(',')) {
      if (take('}')) break;
      return `a comma was expected at its character ${at}`;
    }
  }
  space();
  if (at !== text.length) return `something follows the header's end at its character ${at}`;
  if (descr === null || fortranOrder === null || shape === null)
    return 'descr, fortran_order or shape is missing';
  return { descr, fortranOrder, shape };
}
