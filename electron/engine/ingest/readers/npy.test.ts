import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureLater } from '../../../../test/fixtures/failure-code.ts';
import { bytesOf, npyBytes } from '../../../../test/fixtures/npy-bytes.ts';
import { bytesAsSource } from '../byte-source.ts';
import { npyReader } from './npy.ts';
import { parseNpyHeader } from './npy-header.ts';

const read = async (file: Uint8Array, rowsPerChunk = 1000) => {
  const { entries } = await npyReader.open(bytesAsSource('a.npy', file));
  const [entry] = entries;
  if (entry === undefined) throw new Error('no array');
  const chunks = [];
  for await (const chunk of entry.chunks(rowsPerChunk)) chunks.push(chunk);
  return { entry, chunks, bytes: Buffer.concat(chunks.map((chunk) => chunk.bytes)) };
};

const dtypes = [
  { descr: '<f2', dtype: 'float16', size: 2 },
  { descr: '<f4', dtype: 'float32', size: 4 },
  { descr: '<f8', dtype: 'float64', size: 8 },
  { descr: '|u1', dtype: 'uint8', size: 1 },
] as const;

const anyFile = fc
  .record({
    dtype: fc.constantFrom(...dtypes),
    shape: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 2, maxLength: 4 }),
    version: fc.constantFrom(1 as const, 2 as const, 3 as const),
    seed: fc.integer({ min: 0, max: 255 }),
  })
  .map(({ dtype, shape, version, seed }) => {
    const data = Uint8Array.from(
      { length: shape.reduce((a, b) => a * b, dtype.size) },
      (_, at) => (at * 31 + seed) & 0xff,
    );
    return { dtype, shape, data, file: npyBytes(dtype.descr, shape, data, { version }) };
  });

describe('the .npy reader', () => {
  it('gives back dtype, shape and bytes for every chunk size', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyFile,
        fc.integer({ min: 1, max: 9 }),
        async ({ dtype, shape, data, file }, rowsPerChunk) => {
          const { entry, chunks, bytes } = await read(file, rowsPerChunk);
          expect(entry).toMatchObject({ dtype: dtype.dtype, shape, problem: null });
          expect(new Uint8Array(bytes)).toEqual(data);
          let row = 0;
          for (const chunk of chunks) {
            expect(chunk.firstRow).toBe(row);
            row += chunk.rows;
          }
          expect(row).toBe(shape[0]);
        },
      ),
    );
  });

  it('refuses a file cut off at any byte, and one byte too many', async () => {
    const file = npyBytes('<f4', [3, 5], bytesOf(new Float32Array(15)));
    for (let length = 0; length < file.length; length += 1)
      expect((await failureLater(() => read(file.subarray(0, length)))).code).toBe('evidence/malformed');
    const longer = await failureLater(() => read(Buffer.concat([file, Buffer.alloc(1)])));
    expect(longer.message).toContain(`1 bytes follow the array's end at byte ${file.length}`);
  });

  it('ends in a failure of its own, or reads, whatever byte is changed', async () => {
    const file = npyBytes('<f4', [3, 5], bytesOf(new Float32Array(15)));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: file.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
        async (at, byte) => {
          const changed = Uint8Array.from(file);
          changed[at] = byte;
          try {
            await read(changed);
          } catch (error) {
            expect(error).toMatchObject({
              name: 'BezoarError',
              code: expect.stringMatching(/^evidence\//) as string,
            });
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['|O', [2, 2], 'Python objects'],
    ['<U4', [2, 2], 'text'],
    ['<c8', [2, 2], 'complex numbers'],
    ['<M8[ns]', [2, 2], 'times'],
    ['<f16', [1, 1], 'another width'],
    ['<f4', [], 'single value'],
    ['<f4', [0, 4], 'holds no values'],
  ] as const)('lists %s %j as one that it cannot read, and says so', async (descr, shape, sentence) => {
    const file = npyBytes(descr, shape, new Uint8Array(16));
    const { entries } = await npyReader.open(bytesAsSource('a.npy', file));
    expect(entries[0]?.problem).toContain(sentence);
    const failure = await failureLater(() => read(file));
    expect(failure.code).toBe('evidence/malformed');
    expect(failure.message).toContain('Nothing was imported.');
  });

  it('turns big-endian numbers and Fortran order about, in every chunk size', async () => {
    const shape = [5, 3, 4];
    const values = Float32Array.from({ length: 60 }, (_, at) => at / 7);
    const file = Buffer.alloc(240);
    for (let n = 0; n < 5; n += 1)
      for (let h = 0; h < 3; h += 1)
        for (let w = 0; w < 4; w += 1)
          file.writeFloatBE(values[(n * 3 + h) * 4 + w] ?? 0, 4 * ((w * 3 + h) * 5 + n));
    for (const rows of [1, 2, 5, 100]) {
      const { bytes } = await read(npyBytes('>f4', shape, file, { fortran: true }), rows);
      expect(new Uint8Array(bytes)).toEqual(bytesOf(values));
    }
  });

  it('allocates nothing for a shape or a header that no file can hold', async () => {
    for (const shape of ['(999999999999999, 999999999999999)', '(1, 999999999)', '(999999999999999, 2)']) {
      const header = `{'descr': '<f8', 'fortran_order': False, 'shape': ${shape}, }`;
      expect(
        (await failureLater(() => read(npyBytes('<f8', [], new Uint8Array(8), { header })))).code,
      ).toMatch(/^evidence\/(too-large|malformed)$/);
    }
    const file = npyBytes('<f4', [1, 1], new Uint8Array(4), { version: 2 });
    new DataView(file.buffer, file.byteOffset).setUint32(8, 0xffffffff, true);
    expect((await failureLater(() => read(file))).code).toBe('evidence/too-large');
  });
});

describe('the header parser', () => {
  it('takes what Python writes and nothing that would have to be evaluated', () => {
    const good = { descr: '<f4', fortranOrder: false, shape: [3, 4] };
    expect(parseNpyHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }  \n")).toEqual(good);
    expect(parseNpyHeader('{"shape":(3L,4L),"fortran_order":False,"descr":"<f4"}')).toEqual(good);
    const structured = "[('a', '<f4'), ('b', '|O', (2, 3)), ('c', [('d', '<i4')])]";
    expect(parseNpyHeader(`{'descr': ${structured}, 'fortran_order': False, 'shape': (3,), }`)).toMatchObject(
      { descr: structured },
    );
    for (const bad of [
      '',
      '{',
      "{'descr': '<f4'}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } + 1",
      "{'descr': __import__('os'), 'fortran_order': False, 'shape': (3, 4)}",
      "{'descr': [('a', '<f4'], 'fortran_order': False, 'shape': (3,)}",
      "{'descr': [f()], 'fortran_order': False, 'shape': (3,)}",
      "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3, 4)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3, -4)}",
      "{'descr': '<f4', 'fortran_order': 0, 'shape': (3, 4)}",
    ])
      expect(parseNpyHeader(bad), bad).toBeTypeOf('string');
  });
});
