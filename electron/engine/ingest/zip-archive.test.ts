import { describe, expect, it } from 'vitest';
import { failureLater } from '../../../test/fixtures/failure-code.ts';
import { bytesOf, npyBytes } from '../../../test/fixtures/npy-bytes.ts';
import { zipBytes, type MemberBytes } from '../../../test/fixtures/zip-bytes.ts';
import { bytesAsSource } from './byte-source.ts';
import { readerOf } from './readers/registry.ts';

const values = Float32Array.from({ length: 12 }, (_, at) => at / 3);
const array = npyBytes('<f4', [6, 2], bytesOf(values));
const member: MemberBytes = { name: 'activations.npy', data: array };

/** Opens an archive with the reader that its bytes ask for, and reads every array. */
async function open(bytes: Uint8Array, name = 'a.npz') {
  const reader = readerOf(bytes.subarray(0, 4096), name);
  if (reader === null) throw new Error('nobody reads it');
  const content = await reader.open(bytesAsSource(name, bytes));
  const read: Record<string, Uint8Array> = {};
  for (const entry of content.entries) {
    if (entry.problem !== null) continue;
    const parts: Uint8Array[] = [];
    for await (const chunk of entry.chunks(4)) parts.push(chunk.bytes);
    read[entry.name ?? ''] = Buffer.concat(parts);
  }
  return { ...content, read };
}

describe('an archive of arrays', () => {
  it.each([false, true])('gives its values, deflated %s', async (deflate) => {
    const { read, findings, format } = await open(zipBytes([{ ...member, deflate }]));
    expect(format).toBe('npz');
    expect(findings).toEqual([]);
    expect(new Uint8Array(read.activations ?? [])).toEqual(bytesOf(values));
  });

  it('is told by its bytes, not by its name', async () => {
    expect(Object.keys((await open(zipBytes([member]), 'a.csv')).read)).toEqual(['activations']);
  });
});

const refusal = (bytes: Uint8Array) => failureLater(() => open(bytes));
const bomb = Buffer.alloc(8 * 1024 * 1024);

describe('refused before anything is unpacked', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['names that come twice', zipBytes([member, member]), /two members are named "activations.npy"/],
    ['a name that leads out of the folder', zipBytes([{ ...member, name: '../../a.npy' }]), /leads out/],
    ['an absolute name', zipBytes([{ ...member, name: '/etc/a.npy' }]), /leads out/],
    ['a drive', zipBytes([{ ...member, name: 'C:a.npy' }]), /leads out/],
    ['a backslash', zipBytes([{ ...member, name: 'a\\..\\b.npy' }]), /leads out/],
    ['a NUL in a name', zipBytes([{ ...member, name: 'a.npy\0.txt' }]), /holds a NUL/],
    ['another packing', zipBytes([{ ...member, central: { method: 12 } }]), /packed by method 12/],
    ['a member outside the file', zipBytes([{ ...member, offset: 1_000_000 }]), /no member begins/],
    [
      'a size beyond the file',
      zipBytes([{ ...member, central: { packed: 9999, bytes: 9999 } }]),
      /would end at byte/,
    ],
    [
      'members that lie over each other',
      zipBytes([member, { ...member, name: 'b.npy', offset: 0, central: { name: 'b.npy' } }]),
      /lie over each other/,
    ],
    [
      'more members than it counts',
      zipBytes([member, { ...member, name: 'b.npy' }], { count: 1 }),
      /ends at byte/,
    ],
    ['a cut-off end', zipBytes([member]).subarray(0, -1), /directory of this ZIP archive cannot be read/],
    [
      'a second name in an extra field',
      zipBytes([{ ...member, central: { extra: Uint8Array.of(0x75, 0x70, 1, 0, 1) } }]),
      /carries a second name/,
    ],
  ])('%s', async (_what, bytes, sentence) => {
    const failure = await refusal(bytes);
    expect(failure.code).toBe('evidence/malformed');
    expect(failure.message).toMatch(sentence);
    expect(failure.message).toContain('Nothing was imported.');
  });

  it('what unpacks to more than 200 times its size, and a directory of too many members', async () => {
    const big = await refusal(zipBytes([{ name: 'a.npy', data: bomb, deflate: true }]));
    expect(big).toMatchObject({ code: 'evidence/too-large' });
    expect(big.message).toContain(`to ${bomb.length} bytes`);
    const bytes = Buffer.from(zipBytes([member]));
    // A ZIP64 directory that counts a million members.
    const wide = Buffer.alloc(76);
    wide.writeUInt32LE(0x06064b50, 0);
    wide.writeBigUInt64LE(1_000_000n, 24);
    wide.writeBigUInt64LE(1_000_000n, 32);
    wide.writeBigUInt64LE(BigInt(bytes.readUInt32LE(bytes.length - 6)), 48);
    wide.writeUInt32LE(0x07064b50, 56);
    wide.writeBigUInt64LE(BigInt(bytes.length - 22), 64);
    const many = await refusal(Buffer.concat([bytes.subarray(0, -22), wide, bytes.subarray(-22)]));
    expect(many.message).toContain('claims 1000000 members');
  });
});

describe('refused while it is unpacked', () => {
  it('a member that gives more or less than it says, or another checksum', async () => {
    const more = await refusal(
      zipBytes([
        {
          ...member,
          deflate: true,
          central: { bytes: array.length - 4 },
          local: { bytes: array.length - 4 },
        },
      ]),
    );
    expect(more.message).toMatch(/unpacks to more than|needs 176 bytes/);
    const sum = { crc: 7 };
    for (const deflate of [true, false]) {
      const wrong = await refusal(zipBytes([{ ...member, deflate, central: sum, local: sum }]));
      expect(wrong.message).toContain('do not have the checksum');
    }
  });
});

describe('an archive whose two headers do not agree', () => {
  it.each<[string, MemberBytes['local']]>([
    ['name', { name: 'elsewhere.npy' }],
    ['flags', { flags: 1 }],
    ['flags', { flags: 0x20 }],
    ['checksum', { crc: 1 }],
    ['size', { bytes: 1 }],
    ['packed size', { packed: 1 }],
    ['packing', { method: 8 }],
  ])('in the %s gives a finding and none of its values', async (what, local) => {
    const { findings, entries, read } = await open(zipBytes([{ ...member, local }]));
    expect(read).toEqual({});
    expect(findings.map(({ kind, offset }) => [kind, offset])).toContainEqual(['tampered-archive', 0]);
    expect(findings[0]?.sentence).toContain(`the ${what} of its member "activations.npy"`);
    expect(entries[0]?.problem).toBe(findings[0]?.sentence);
  });
});

describe('an archive that says it is encrypted', () => {
  it('gives a finding and none of its values', async () => {
    const { findings, read } = await open(
      zipBytes([{ ...member, central: { flags: 1 }, local: { flags: 1 } }]),
    );
    expect(read).toEqual({});
    expect(findings).toMatchObject([{ kind: 'tampered-archive', subject: 'activations.npy' }]);
    expect(findings[0]?.sentence).toContain('is encrypted');
  });
});

describe('a member that is said to be a folder', () => {
  it('and has bytes gives a finding and none of its values: PyTorch gives what stood in its memory', async () => {
    const bytes = Buffer.from(zipBytes([member]));
    const entry = bytes.lastIndexOf('PK\x01\x02', undefined, 'latin1');
    bytes[entry + 38] = 0x10;
    const { findings, read } = await open(bytes);
    expect(read).toEqual({});
    expect(findings).toMatchObject([{ kind: 'tampered-archive', subject: 'activations.npy' }]);
    expect(findings[0]?.sentence).toContain('is a folder');
  });
});

describe('bytes that no directory tells of', () => {
  it('in front of, between and behind the members are told with their place', async () => {
    const { findings, read } = await open(zipBytes([member, { ...member, name: 'b.npy' }], { gap: 16 }));
    expect(Object.keys(read)).toEqual(['activations', 'b']);
    expect(findings.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
      'hidden-bytes 16 bytes',
      'hidden-bytes 16 bytes',
    ]);
    const before = await open(zipBytes([member], { before: Buffer.from('PK\x03\x04 and a shell script') }));
    expect(before.findings).toMatchObject([{ kind: 'hidden-bytes', offset: 0 }]);
  });
});
