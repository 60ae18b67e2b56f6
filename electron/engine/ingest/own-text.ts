/** V8 copies texts up to this length when it cuts them out. */
const COPIED = 12;

/** The same text in memory of its own: a piece of a block that is kept would keep the whole block. */
export const ownText = (text: string): string =>
  text.length <= COPIED ? text : (JSON.parse(JSON.stringify(text)) as string);
