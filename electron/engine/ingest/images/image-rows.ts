import { createHash } from 'node:crypto';
import { BezoarError } from '../../../contract/errors.ts';
import type { ArrayChunk } from '../reader.ts';
import { openDecoder } from './decoder.ts';
import type { StartDecoder } from './decoder-process.ts';
import {
  decodeImages,
  lookAtImage,
  storedSize,
  type ImageOrigin,
  type LookedAt,
  type StoredSize,
} from './image-set.ts';

/** What becomes of images that cannot be taken: they refuse the import, are left out, or stand as black ones. */
type BadImages = 'refuse' | 'leave out' | 'black';

export interface ImageRowsOptions {
  /** What the images come from, for sentences. */
  readonly source: string;
  readonly bad: BadImages;
  readonly startDecoder: StartDecoder;
}

/** Of images that cannot be taken so many are kept by name; so many are looked at between two turns. */
const MOST_NAMED = 1000;
const NAMED_IN_SENTENCE = 3;
const NAMED_IN_NOTE = 100;

const count = (value: number): string => value.toLocaleString('en-US');
const images = (value: number): string => `${count(value)} ${value === 1 ? 'image' : 'images'}`;

/**
 * Images as rows of one array: each is looked at once, in order, and then decoded once; between the two the size that all
 * are stored in is known.
 */
export class ImageRows {
  readonly #origins: readonly ImageOrigin[];
  readonly #options: ImageRowsOptions;
  /** Of each row; null for an image that stands as a black one. */
  readonly #looked: (LookedAt | null)[] = [];
  readonly #kept: ImageOrigin[] = [];
  readonly #bad: { readonly name: string; readonly what: string }[] = [];
  #badCount = 0;
  #next = 0;
  #decoded = 0;
  #undecoded = 0;
  #bytes = 0;
  #size = 0;
  #stored: StoredSize | null = null;

  constructor(origins: readonly ImageOrigin[], options: ImageRowsOptions) {
    this.#origins = origins;
    this.#options = options;
  }

  /** Rows, once all were looked at; until then at most so many. */
  get rows(): number {
    return this.#next < this.#origins.length ? this.#origins.length : this.#kept.length;
  }

  /** Bytes of the images that are kept, as far as they were looked at. */
  get size(): number {
    return this.#size;
  }

  /** Bytes read so far, each image once for each time. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Images done, of twice their number: looked at, and decoded. */
  get progress(): { readonly done: number; readonly total: number } {
    return { done: this.#next + this.#decoded, total: 2 * this.#origins.length };
  }

  #sawBad(name: string, what: string): void {
    this.#badCount += 1;
    if (this.#bad.length < MOST_NAMED) this.#bad.push({ name, what });
  }

  #refuse(): BezoarError {
    const named = this.#bad.slice(0, NAMED_IN_SENTENCE).map(({ name, what }) => `${name} ${what}`);
    const more = this.#badCount - named.length;
    return new BezoarError(
      'evidence/malformed',
      `${this.#options.source}: ${count(this.#badCount)} of ${images(this.#origins.length)} cannot be taken: ` +
        `${named.join('; ')}${more > 0 ? `; and ${count(more)} more` : ''}. Nothing was imported. Take them out, or choose to ` +
        'import what can be taken.',
    );
  }

  /** Looks at the next images, at most `most` of them that are kept; empty when all were looked at. */
  async look(most: number): Promise<readonly { readonly origin: ImageOrigin; readonly looked: LookedAt }[]> {
    const found: { origin: ImageOrigin; looked: LookedAt }[] = [];
    while (this.#next < this.#origins.length && found.length < most) {
      const origin = this.#origins[this.#next];
      const looked = await lookAtImage(origin);
      this.#next += 1;
      if (typeof looked === 'string') {
        this.#sawBad(origin.name, looked);
        if (this.#options.bad !== 'black') continue;
        this.#kept.push(origin);
        this.#looked.push(null);
        continue;
      }
      this.#bytes += looked.bytes;
      this.#size += looked.bytes;
      this.#kept.push(origin);
      this.#looked.push(looked);
      found.push({ origin, looked });
    }
    if (this.#next === this.#origins.length) this.#settle();
    return found;
  }

  /** @throws BezoarError evidence/malformed when an image cannot be taken that must be, or none can */
  #settle(): void {
    if (this.#stored !== null) return;
    if (this.#badCount > 0 && this.#options.bad === 'refuse') throw this.#refuse();
    const good = this.#looked.filter((one) => one !== null);
    if (good.length === 0) {
      if (this.#badCount > 0) throw this.#refuse();
      throw new BezoarError(
        'evidence/malformed',
        `${this.#options.source} holds no images. Nothing was imported. Images are PNG, JPEG, WebP, GIF, BMP or TIFF files.`,
      );
    }
    this.#stored = storedSize(good);
  }

  /** Looks at all that were not looked at yet. @throws as {@link look} */
  async lookAtAll(): Promise<StoredSize> {
    while (this.#stored === null) await this.look(MOST_NAMED);
    return this.#stored;
  }

  /** The shape of the array: [rows, height, width] or [rows, height, width, 3]; a guess until all were looked at. */
  get shape(): readonly number[] {
    if (this.#stored === null) return [this.rows, 1, 1];
    const { height, width, channels } = this.#stored;
    return channels === 1 ? [this.rows, height, width] : [this.rows, height, width, channels];
  }

  /**
   * All rows in order, exactly `rowsPerChunk` at a time but for the last.
   * @throws BezoarError evidence/malformed
   */
  async *chunks(rowsPerChunk: number): AsyncGenerator<ArrayChunk> {
    const size = await this.lookAtAll();
    const one = size.height * size.width * size.channels;
    const total = this.#kept.length;
    // Rows of black images are passed over: their pixels are zero.
    const rowOf: number[] = [];
    this.#looked.forEach((looked, row) => looked !== null && rowOf.push(row));
    const origins = rowOf.map((row) => this.#kept[row]);
    const looked = this.#looked.filter((facts) => facts !== null);
    const decoder = openDecoder(this.#options.startDecoder);
    const chunkAt = (firstRow: number): ArrayChunk => {
      const rows = Math.min(rowsPerChunk, total - firstRow);
      return { firstRow, rows, bytes: new Uint8Array(rows * one) };
    };
    let chunk = chunkAt(0);
    try {
      for await (const batch of decodeImages(origins, looked, size, decoder)) {
        for (const { index, what } of batch.problems) this.#sawBad(origins[index].name, what);
        this.#undecoded += batch.problems.length;
        if (batch.problems.length > 0 && this.#options.bad === 'refuse') throw this.#refuse();
        const rows = batch.pixels.length / one;
        for (let at = 0; at < rows; at += 1) {
          const row = rowOf[batch.first + at];
          while (row >= chunk.firstRow + chunk.rows) {
            yield chunk;
            chunk = chunkAt(chunk.firstRow + chunk.rows);
          }
          chunk.bytes.set(batch.pixels.subarray(at * one, (at + 1) * one), (row - chunk.firstRow) * one);
          this.#bytes += looked[batch.first + at].bytes;
          this.#decoded += 1;
        }
      }
    } finally {
      decoder.close();
    }
    while (chunk.rows > 0) {
      yield chunk;
      chunk = chunkAt(chunk.firstRow + chunk.rows);
    }
  }

  /** SHA-256 over a line for each image, as sha256sum writes it: hash, two spaces, name. */
  sha256(): string {
    const hash = createHash('sha256');
    this.#kept.forEach(({ name }, row) => {
      const looked = this.#looked[row];
      if (looked !== null) hash.update(`${looked.sha256}  ${name}\n`);
    });
    return hash.digest('hex');
  }

  /** What is to be known of the images and of how they are stored, each a sentence. */
  notes(): string[] {
    const good = this.#looked.filter((one) => one !== null);
    const size = this.#stored;
    if (size === null) return [];
    const kinds = new Map<string, number>();
    for (const { kind } of good) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    const said = [
      `${[...kinds].map(([kind, n]) => `${count(n)} ${kind.toUpperCase()}`).join(', ')}; stored in ${size.channels === 1 ? 'grey' : 'colour'} as ` +
        (size.resized
          ? `copies of ${size.width} x ${size.height} pixels, stretched to that size, each pixel the mean of what lies under it`
          : `they are, ${size.width} x ${size.height} pixels`) +
        '.',
    ];
    const turned = good.filter((one) => one.turned).length;
    if (turned > 0)
      said.push(
        `${images(turned)} say that they are to be shown turned (EXIF); pixels are kept as they lie in the file, which is how training scripts read them.`,
      );
    const more = good.filter((one) => one.more).length;
    if (more > 0) said.push(`${images(more)} hold further frames or pages; the first is kept.`);
    const black = this.#looked.length - good.length + this.#undecoded;
    const all = count(this.#origins.length);
    if (this.#badCount > black)
      said.push(
        `${images(this.#badCount - black)} of ${all} could not be taken and ${this.#badCount - black === 1 ? 'was' : 'were'} left out.`,
      );
    if (black > 0)
      said.push(
        `${images(black)} of ${all} could not be taken and ${black === 1 ? 'stands as a black one' : 'stand as black ones'}.`,
      );
    if (this.#badCount > 0) {
      const named = this.#bad.slice(0, NAMED_IN_NOTE).map(({ name, what }) => `${name} ${what}`);
      const more = this.#badCount - named.length;
      said.push(`Could not be taken: ${named.join('; ')}${more > 0 ? `; and ${count(more)} more` : ''}.`);
    }
    return said;
  }
}
