import { BezoarError } from '../../../contract/errors.ts';

/** A category with more levels than this is a text. */
const MOST_LEVELS = 262_144;

/**
 * The levels of a category over all blocks, numbered from 1 in the order in which the log first has them, however many
 * workers numbered them each for itself.
 */
export class LevelUnion {
  readonly #name: string;
  readonly #codes = new Map<string, number>();
  readonly #levels: string[] = [];
  #used = new Uint8Array(64);
  /** Common code of each code of each worker, 0 for a missing value. */
  readonly #ofWorkers: number[][];

  constructor(name: string, workers: number) {
    this.#name = name;
    this.#ofWorkers = Array.from({ length: workers }, () => [0]);
  }

  /**
   * Turns the codes of a block into common ones, in place. Blocks must come in their order.
   * @throws BezoarError evidence/too-large
   */
  unite(worker: number, fresh: readonly string[], codes: Uint32Array): void {
    const table = this.#ofWorkers[worker];
    for (const level of fresh) table.push(this.#codeOf(level));
    const used = this.#used;
    for (let i = 0; i < codes.length; i += 1) {
      const code = table[codes[i]];
      codes[i] = code;
      used[code] = 1;
    }
  }

  /** By code from 1; null where no row has the level, because it stood in a line that was left out. */
  levels(): (string | null)[] {
    return this.#levels.map((level, at) => (this.#used[at + 1] === 1 ? level : null));
  }

  #codeOf(level: string): number {
    const found = this.#codes.get(level);
    if (found !== undefined) return found;
    if (this.#levels.length === MOST_LEVELS)
      throw new BezoarError(
        'evidence/too-large',
        `${JSON.stringify(this.#name)} has more than ${MOST_LEVELS} different values, which are no categories. ` +
          'Nothing was imported. Take it as text, or leave it out.',
      );
    this.#levels.push(level);
    this.#codes.set(level, this.#levels.length);
    if (this.#levels.length >= this.#used.length) {
      const larger = new Uint8Array(2 * this.#used.length);
      larger.set(this.#used);
      this.#used = larger;
    }
    return this.#levels.length;
  }
}
