import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../../../test/fixtures/npy-bytes.ts';
import { named, pickled, text, whole, type Part } from '../../../../test/fixtures/pickle-bytes.ts';
import { bytesAsSource } from '../byte-source.ts';
import { pickleReader } from './pickle.ts';

const values = Float32Array.of(1, 2, 3, 4, 5, 6);
const [NO, YES] = [0x89, 0x88];
const tuple = (...items: readonly Part[]): Buffer => pickled('(', ...items, 't');

const dtype = (order: Part): Buffer =>
  pickled(
    named('numpy', 'dtype'),
    tuple(text('f4'), NO, YES),
    'R',
    tuple(whole(3), order, 'NNN', whole(-1), whole(-1), whole(0)),
    'b',
  );
const raw = pickled('C', values.byteLength, bytesOf(values));

interface NumpyParts {
  readonly order?: Part;
  readonly fortran?: Part;
  readonly bytes?: Part;
}

/** An array [2, 3] as NumPy pickles it, but for the parts that are given. */
const numpyPickle = ({ order = text('<'), fortran = NO, bytes = raw }: NumpyParts = {}): Buffer =>
  pickled(
    0x80, 4, named('numpy.core.multiarray', '_reconstruct'),
    tuple(named('numpy', 'ndarray'), tuple(whole(0)), pickled('C', 1, 'b')), 'R',
    tuple(whole(1), tuple(whole(2), whole(3)), dtype(order), fortran, bytes), 'b.',
  ); // prettier-ignore

const bufferPickle = (order: string): Buffer =>
  pickled(
    0x80, 5, named('numpy.core.numeric', '_frombuffer'),
    tuple(raw, dtype(text('<')), tuple(whole(2), whole(3)), text(order)), 'R.',
  ); // prettier-ignore

async function read(pickle: Uint8Array): Promise<number[] | string> {
  const { entries } = await pickleReader.open(bytesAsSource('a.pkl', pickle));
  const [entry] = entries;
  if (entry.problem !== null) return entry.problem;
  const found: number[] = [];
  for await (const { bytes } of entry.chunks(10)) found.push(...new Float32Array(bytes.buffer));
  return found;
}

describe('an array of NumPy in a pickle', () => {
  it('is read in the order that it says', async () => {
    expect(await read(numpyPickle())).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await read(numpyPickle({ fortran: YES }))).toEqual([1, 3, 5, 2, 4, 6]);
    expect(await read(bufferPickle('C'))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await read(bufferPickle('F'))).toEqual([1, 3, 5, 2, 4, 6]);
  });

  it('is not guessed at where it says something else, which NumPy takes for an order all the same', async () => {
    expect(await read(numpyPickle({ fortran: whole(2) }))).toContain('cannot be understood');
    expect(await read(numpyPickle({ fortran: 'N' }))).toContain('cannot be understood');
    expect(await read(bufferPickle('A'))).toContain('cannot be understood');
    expect(await read(numpyPickle({ order: text('!') }))).toContain('byte order');
  });

  it('has bytes for values: text is taken as such only where each letter is one', async () => {
    const encoded = (letters: string): Buffer =>
      pickled(named('_codecs', 'encode'), tuple(text(letters), text('latin1')), 'R');
    const letters = Buffer.from(bytesOf(values)).toString('latin1');
    expect(await read(numpyPickle({ bytes: encoded(letters) }))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await read(numpyPickle({ bytes: encoded(`\u0100${letters.slice(1)}`) }))).toContain(
      'cannot be found',
    );
  });
});
