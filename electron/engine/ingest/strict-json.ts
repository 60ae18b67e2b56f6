/** JSON as it stands: objects as maps, so that no name can be a property of the language. */
export type StrictJson =
  null | boolean | number | string | readonly StrictJson[] | ReadonlyMap<string, StrictJson>;

const MOST_DEPTH = 64;

/**
 * Parses JSON and refuses a name that stands twice in an object, which JSON.parse takes as the last one.
 * @throws Error with what is wrong and at which character
 */
export function parseStrictJson(text: string): StrictJson {
  let at = 0;
  const fail = (what: string): never => {
    throw new Error(`${what} at its character ${at}`);
  };
  const space = (): void => {
    while (text[at] === ' ' || text[at] === '\t' || text[at] === '\n' || text[at] === '\r') at += 1;
  };
  const take = (token: string): boolean => {
    if (!text.startsWith(token, at)) return false;
    at += token.length;
    return true;
  };
  const string = (): string => {
    const start = at;
    at += 1;
    while (text[at] !== '"') {
      if (at >= text.length) fail('a string does not end');
      at += text[at] === '\\' ? 2 : 1;
    }
    at += 1;
    try {
      return JSON.parse(text.slice(start, at)) as string;
    } catch {
      return fail('a string is not one');
    }
  };
  const NUMBER = /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
  const number = (): number => {
    NUMBER.lastIndex = at;
    const found = NUMBER.exec(text);
    if (found === null) return fail('a value was expected');
    at += found[0].length;
    return Number(found[0]);
  };
  const object = (depth: number): ReadonlyMap<string, StrictJson> => {
    const found = new Map<string, StrictJson>();
    space();
    if (take('}')) return found;
    for (;;) {
      space();
      if (text[at] !== '"') fail('a name was expected');
      const name = string();
      if (found.has(name)) fail(`the name ${JSON.stringify(name)} stands twice`);
      space();
      if (!take(':')) fail('a colon was expected');
      found.set(name, value(depth));
      space();
      if (take('}')) return found;
      if (!take(',')) fail('a comma was expected');
    }
  };
  const array = (depth: number): StrictJson[] => {
    const found: StrictJson[] = [];
    space();
    if (take(']')) return found;
    for (;;) {
      found.push(value(depth));
      space();
      if (take(']')) return found;
      if (!take(',')) fail('a comma was expected');
    }
  };
  const value = (depth: number): StrictJson => {
    if (depth > MOST_DEPTH) fail('it is nested too deep');
    space();
    if (text[at] === '"') return string();
    if (take('{')) return object(depth + 1);
    if (take('[')) return array(depth + 1);
    if (take('true')) return true;
    if (take('false')) return false;
    if (take('null')) return null;
    return number();
  };
  const whole = value(0);
  space();
  if (at !== text.length) fail('something follows its end');
  return whole;
}
