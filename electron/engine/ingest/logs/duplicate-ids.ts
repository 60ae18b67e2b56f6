/** Rows whose id was seen before, found by two hashes: 16 to 24 bytes a row, whatever the ids look like. */
export class DuplicateIds {
  #hashes = new Uint32Array(2 * 1024);
  #slots = new Uint32Array(4096);
  #rows = 0;
  /** Pairs of rows whose hashes are equal: the earlier one, then the later. */
  readonly candidates: number[] = [];

  /** Takes the two hashes of each further row; a first one of 0: the row has no id. */
  add(hashes: Uint32Array): void {
    const rows = hashes.length / 2;
    this.#reserve(this.#rows + rows);
    this.#hashes.set(hashes, 2 * this.#rows);
    const mask = this.#slots.length - 1;
    for (let i = 0; i < rows; i += 1) {
      const [first, second] = [hashes[2 * i], hashes[2 * i + 1]];
      if (first === 0) continue;
      const row = this.#rows + i;
      let slot = first & mask;
      for (;;) {
        const held = this.#slots[slot];
        if (held === 0) {
          this.#slots[slot] = row + 1;
          break;
        }
        if (this.#hashes[2 * held - 2] === first && this.#hashes[2 * held - 1] === second) {
          this.candidates.push(held - 1, row);
          break;
        }
        slot = (slot + 1) & mask;
      }
    }
    this.#rows += rows;
  }

  #reserve(rows: number): void {
    if (2 * rows > this.#hashes.length) {
      const larger = new Uint32Array(Math.max(2 * this.#hashes.length, 2 * rows));
      larger.set(this.#hashes.subarray(0, 2 * this.#rows));
      this.#hashes = larger;
    }
    if (2 * rows <= this.#slots.length) return;
    let length = this.#slots.length;
    while (length < 2 * rows) length *= 2;
    const held = this.#slots;
    this.#slots = new Uint32Array(length);
    for (const one of held) {
      if (one === 0) continue;
      let slot = this.#hashes[2 * one - 2] & (length - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (length - 1);
      this.#slots[slot] = one;
    }
  }
}
