import fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../../test/fixtures/failure-code.ts';
import { bytesAsSource } from '../byte-source.ts';
import { modelInWords } from './model-in-words.ts';
import { looksLikeOnnx, readOnnxModel } from './onnx-model.ts';

const FOLDER = join(import.meta.dirname, '../../../../test/fixtures/formats/models');
const { models } = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as {
  models: Record<string, Record<string, unknown>>;
};
const bytesOf = (name: string): Uint8Array => readFileSync(join(FOLDER, name));
const read = (bytes: Uint8Array) => readOnnxModel(bytesAsSource('a.onnx', bytes));

/** A field of wire kind 2. */
const field = (number: number, ...content: (Uint8Array | string)[]): Buffer => {
  const body = Buffer.concat(content.map((part) => Buffer.from(part)));
  const varint: number[] = [];
  for (let left = body.length; ; left = Math.floor(left / 128)) {
    varint.push(left >= 128 ? (left % 128) | 0x80 : left);
    if (left < 128) break;
  }
  const key = number * 8 + 2;
  const keys = key < 128 ? [key] : [(key & 127) | 128, key >> 7];
  return Buffer.concat([Buffer.from([...keys, ...varint]), body]);
};

describe('an ONNX model', () => {
  it.each(Object.entries(models))('%s is read as the onnx package reads it', (name, expected) => {
    const bytes = bytesOf(name);
    expect(looksLikeOnnx(bytes.subarray(0, 4096))).toBe(true);
    const model = read(bytes);
    expect(model).toMatchObject(expected);
    expect(model.weightCount).toBe(model.weights.length);
  });

  it('says its operators, its weights and what they add up to', () => {
    const model = read(bytesOf('pytorch.onnx'));
    expect(model.operators).toEqual(['Conv', 'Flatten', 'Gemm', 'Relu'].map((name) => ({ name, count: 1 })));
    expect(model.parameters).toBe(2 * 9 + 2 + 3 * 8 + 3);
    expect(model.inputs).toEqual([{ name: 'image', dtype: 'float32', shape: ['n', 1, 4, 4] }]);
    expect(model.remarks).toEqual([]);
  });

  it('counts the nodes of branches, and tells what lies in other files or needs foreign code', () => {
    const model = read(bytesOf('branches.onnx'));
    expect(model.nodes).toBe(6);
    expect(model.operators.map(({ name }) => name)).toEqual([
      'Abs',
      'If',
      'Neg',
      'Relu',
      'SequenceConstruct',
      'com.example.Decode',
    ]);
    expect(model.opsets).toEqual([
      { domain: 'ai.onnx', version: 16 },
      { domain: 'com.example', version: 2 },
    ]);
    expect(model.outputs.map(({ dtype }) => dtype)).toEqual(['float16', 'sequence']);
    expect(model.externalFiles).toEqual(['../../etc/secret.bin']);
    expect(model.weights[0]).toEqual({
      name: 'far',
      dtype: 'float32',
      shape: [1000, 2],
      external: '../../etc/secret.bin',
    });
    expect(model.remarks).toHaveLength(3);
    expect(model.remarks[1]).toContain('leads out of the model');
  });

  it('is said in words', () => {
    expect(modelInWords(read(bytesOf('branches.onnx')))).toEqual([
      'ONNX, IR version 8, operators of ai.onnx 16, com.example 2, written by hand 0.1.',
      'Input x: float32 (n, 3).',
      'Input flag: bool ().',
      'Output z: float16 (?, 4).',
      'Output s: sequence of a shape that it does not say.',
      '6 nodes: Abs 1, If 1, Neg 1, Relu 1, SequenceConstruct 1, com.example.Decode 1.',
      '2 weights of 2002 numbers: far float32 (1000, 2), near bfloat16 (2).',
      ...read(bytesOf('branches.onnx')).remarks,
    ]);
  });

  it('cut off anywhere is refused in words, or has lost only what stood last', () => {
    const whole = bytesOf('branches.onnx');
    let refused = 0;
    for (let length = 0; length < whole.length; length += 1) {
      try {
        read(whole.subarray(0, length));
      } catch (error) {
        refused += 1;
        expect(error).toMatchObject({ name: 'BezoarError', code: 'evidence/malformed' });
        expect((error as Error).message).toMatch(
          /^a\.onnx is no ONNX model .*byte \d+.*Nothing was imported\./,
        );
      }
    }
    // Cut at the end of a field, what is there is a whole message.
    expect(refused).toBeGreaterThan(whole.length - 10);
  });

  it('of any bytes ends in a failure of its own, or is read, and soon', () => {
    const whole = bytesOf('branches.onnx');
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.uint8Array({ minLength: 1, maxLength: 12 }), (at, noise) => {
        const changed = Uint8Array.from(whole);
        changed.set(noise.subarray(0, whole.length - at), at);
        try {
          read(changed);
        } catch (error) {
          expect(error).toMatchObject({
            name: 'BezoarError',
            code: expect.stringMatching(/^evidence\/(malformed|too-large)$/) as string,
          });
        }
        looksLikeOnnx(changed);
      }),
      { numRuns: 3000 },
    );
  });

  it('is bounded in depth, in shapes and in numbers', () => {
    let node = field(4, 'If');
    for (let depth = 0; depth < 40; depth += 1)
      node = Buffer.concat([field(4, 'If'), field(5, field(6, field(1, node)))]);
    expect(failureOf(() => read(field(7, field(1, node)))).message).toContain('deeper than 16');
    const endless = Buffer.from([0x08, ...new Array<number>(11).fill(0xff)]);
    expect(failureOf(() => read(endless)).message).toContain('a number does not end');
    // A weight of 2^62 x 2^62 numbers.
    const huge = Buffer.from([0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]);
    expect(failureOf(() => read(field(7, field(5, huge, huge)))).message).toContain('no valid shape');
    expect(failureOf(() => read(Buffer.from([0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]))).message).toContain(
      'claims 4294967295 bytes',
    );
    expect(failureOf(() => read(Buffer.from([0x0b]))).message).toContain('of kind 3');
    expect(failureOf(() => read(Buffer.alloc(0))).message).toContain('it holds no graph');
  });

  it('is told from other files by its first bytes', () => {
    for (const text of ['', '\x08', 'key,label\n', '\x93NUMPY', 'PK\x03\x04', '{"a":1}', '\x08\x07\x12'])
      expect(looksLikeOnnx(Buffer.from(text, 'latin1')), text).toBe(false);
  });

  const real = join(import.meta.dirname, '../../../../../shared/cases/badnets/model.onnx');
  it.skipIf(!existsSync(real))('of the measurement cases is read', () => {
    expect(read(readFileSync(real))).toMatchObject({ producer: 'pytorch', nodes: 10, parameters: 206_922 });
  });
});
