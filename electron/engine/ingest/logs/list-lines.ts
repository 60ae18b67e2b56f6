const [LF, CR, QUOTE, COMMA, OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN, CLOSE, SPACE] = [
  10, 13, 34, 44, 91, 92, 93, 123, 125, 32,
];

/**
 * The elements of one JSON list as lines: the list's own brackets are left out, each comma between its elements becomes a
 * line end, line ends within them become blanks. What is no JSON is left as it stands, for whoever reads the lines.
 */
export class ListLines {
  /** Lists and objects that are open, the outermost among them. */
  #depth = 0;
  #inText = false;
  #escaped = false;
  #begun = false;

  /** The lines of the next bytes, as many bytes as were given. */
  block(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const lines = new Uint8Array(bytes);
    for (let at = 0; at < lines.length; at += 1) {
      const byte = lines[at] ?? 0;
      if (this.#inText) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inText = false;
        continue;
      }
      if (byte > COMMA && byte !== OPEN_LIST && byte !== CLOSE_LIST && byte !== OPEN && byte !== CLOSE)
        continue;
      if (byte === COMMA) {
        if (this.#depth === 1) lines[at] = LF;
      } else if (byte === LF || byte === CR) {
        if (this.#depth > 0) lines[at] = SPACE;
      } else if (byte === OPEN_LIST && !this.#begun) {
        this.#begun = true;
        this.#depth = 1;
        lines[at] = SPACE;
      } else if (this.#depth > 0 && byte > SPACE) {
        if (byte === QUOTE) this.#inText = true;
        else if (byte === OPEN_LIST || byte === OPEN) this.#depth += 1;
        else if (byte === CLOSE_LIST || byte === CLOSE) {
          this.#depth -= 1;
          // What follows the list is a line of its own.
          if (this.#depth === 0) lines[at] = LF;
        }
      }
    }
    return lines;
  }

  /** What follows the last bytes: of a list that breaks off behind an element the beginning of another, which is no line. */
  end(): Uint8Array<ArrayBuffer> {
    return this.#depth === 1 && !this.#inText ? Uint8Array.of(LF, OPEN) : new Uint8Array(0);
  }
}
