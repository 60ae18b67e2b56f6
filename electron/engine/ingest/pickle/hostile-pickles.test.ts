import { describe, expect, it } from 'vitest';
import { failureLater } from '../../../../test/fixtures/failure-code.ts';
import { bytesOf, npyBytes } from '../../../../test/fixtures/npy-bytes.ts';
import {
  named,
  pickled,
  tensorPickle,
  text,
  whole,
  type Part,
} from '../../../../test/fixtures/pickle-bytes.ts';
import { zipBytes, type MemberBytes } from '../../../../test/fixtures/zip-bytes.ts';
import { bytesAsSource } from '../byte-source.ts';
import { readerOf } from '../readers/registry.ts';
import { refusalOf } from '../refused-formats.ts';
import { readPickle } from './read-pickle.ts';

const values = Float32Array.from({ length: 12 }, (_, at) => at / 3);
const storage: MemberBytes = { name: 'archive/data/0', data: bytesOf(values) };
const tensor = { name: 'activations', key: '0', shape: [6, 2] };
const main = (data: Uint8Array): MemberBytes => ({ name: 'archive/data.pkl', data });

async function open(bytes: Uint8Array, name = 'model.pt') {
  const reader = readerOf(bytes.subarray(0, 4096), name);
  if (reader === null) throw new Error('nobody reads it');
  const content = await reader.open(bytesAsSource(name, bytes));
  const read: Record<string, Uint8Array> = {};
  for (const entry of content.entries) {
    if (entry.problem !== null) continue;
    const parts: Uint8Array[] = [];
    for await (const chunk of entry.chunks(4)) parts.push(chunk.bytes);
    read[entry.name ?? ''] = new Uint8Array(Buffer.concat(parts));
  }
  return { ...content, read };
}
const subjects = async (bytes: Uint8Array, name?: string): Promise<string[]> =>
  (await open(bytes, name)).findings.map(({ subject }) => subject);

/** A call of `os.system` with a command. */
const system = pickled(named('os', 'system'), text('touch /tmp/owned'), 0x85, 'R');

describe('a file of PyTorch', () => {
  it('gives its tensors; views of one storage are told apart by offset and strides', async () => {
    const { read, findings, format } = await open(
      zipBytes([
        main(
          tensorPickle([
            tensor,
            { name: 'rows', key: '0', shape: [3, 2], numbers: 12, offset: 6 },
            { name: 'turned', key: '0', shape: [2, 6], numbers: 12, strides: [1, 2] },
          ]),
        ),
        storage,
      ]),
    );
    expect([format, findings]).toEqual(['pt', []]);
    expect(read.activations).toEqual(bytesOf(values));
    expect(read.rows).toEqual(bytesOf(values.slice(6)));
    const turned = Float32Array.from(
      { length: 12 },
      (_, at) => values[(at % 6) * 2 + Math.floor(at / 6)] ?? 0,
    );
    expect(read.turned).toEqual(bytesOf(turned));
  });

  it('that also asks for code gives the tensors that do not rest on it, and says so', async () => {
    const file = zipBytes([main(tensorPickle([tensor], [text('hook'), system])), storage]);
    const { read, findings } = await open(file);
    expect(Object.keys(read)).toEqual(['activations']);
    expect(findings).toMatchObject([{ kind: 'asks-for-code', subject: 'os.system' }]);
    expect(findings[0]?.sentence).toContain('to call os.system("touch /tmp/owned")');
    // The offset is that of the name in the pickle.
    const at = findings[0]?.offset ?? -1;
    const pickle = tensorPickle([tensor], [text('hook'), system]);
    expect(pickle.subarray(at, at + 11).toString('latin1')).toBe('cos\nsystem\n');
  });

  it('whose tensor rests on code is listed and not read', async () => {
    // The hooks of the tensor are what os.system gives.
    const hooked = pickled(
      0x80, 2, '}(', text('activations'), named('torch._utils', '_rebuild_tensor_v2'), '((',
      text('storage'), named('torch', 'FloatStorage'), text('0'), text('cpu'), whole(12), 'tQ',
      whole(0), '(', whole(6), whole(2), 't(', whole(2), whole(1), 't', 0x89, system, 'tRu.',
    ); // prettier-ignore
    const { read, entries } = await open(zipBytes([main(hooked), storage]));
    expect(read).toEqual({});
    expect(entries[0]?.problem).toContain('rests on os.system');
  });
});

describe('ways round a check', () => {
  const wrap = (pickle: Uint8Array): Uint8Array => zipBytes([main(pickle), storage]);
  const dictionary = (...parts: readonly Part[]): Buffer => pickled(0x80, 4, '}(', text('a'), ...parts, 'u.');

  it.each<[string, Uint8Array, string]>([
    ['a name in lines', dictionary(system), 'os.system'],
    [
      'a name from the stack',
      dictionary(text('posix'), text('system'), 0x93, text('x'), 0x85, 'R'),
      'posix.system',
    ],
    [
      'a name with dots from the stack',
      dictionary(text('torch'), text('serialization.os.system'), 0x93, text('x'), 0x85, 'R'),
      'torch.serialization.os.system',
    ],
    [
      'a name below a known one',
      dictionary(text('collections'), text('OrderedDict.__init__'), 0x93, text('x'), 0x85, 'R'),
      'collections.OrderedDict.__init__',
    ],
    [
      'a module below a known one',
      dictionary(named('torch._utils.os', 'system'), ')R'),
      'torch._utils.os.system',
    ],
    [
      'a name that looks known',
      dictionary(named('collections\r', 'OrderedDict'), ')R'),
      'collections\r.OrderedDict',
    ],
    ['a name put together', dictionary(whole(1), text('system'), 0x93, ')R'), '(a computed module).system'],
    ['INST', dictionary(pickled('(', text('x'), 'ios\nsystem\n')), 'os.system'],
    ['OBJ', dictionary(pickled('(', named('os', 'system'), text('x'), 'o')), 'os.system'],
    ['NEWOBJ', dictionary(named('subprocess', 'Popen'), text('x'), 0x85, 0x81), 'subprocess.Popen'],
    ['NEWOBJ_EX', dictionary(named('subprocess', 'Popen'), ')}', 0x92), 'subprocess.Popen'],
    ['BUILD', dictionary(named('some', 'Class'), ')', 0x81, '}', 'b'), 'some.Class'],
    ['an extension by number', dictionary(0x82, 7), 'extension 7'],
    ['an extension by two bytes', dictionary(0x83, 7, 1), 'extension 263'],
    ['an extension by four bytes', dictionary(0x84, 7, 0, 0, 1), 'extension 16777223'],
    ['a name within a persistent id', dictionary(system, 'Q'), 'os.system'],
    [
      'a name within a memory slot of four bytes',
      dictionary(named('os', 'system'), 'r', 9, 0, 1, 0, '0j', 9, 0, 1, 0, ')R'),
      'os.system',
    ],
    [
      'a name behind a line longer than any',
      dictionary(`V${'x'.repeat(600_000)}\n`, system, 'u(', text('a')),
      'os.system',
    ],
    ['a name that a set holds', dictionary(0x8f, '(', system, 0x90), 'os.system'],
    ['a name that is a key', dictionary(text('b'), system, text('c')), 'os.system'],
    ['a state that is code', dictionary(named('collections', 'OrderedDict'), ')R', system, 'b'), 'os.system'],
    ['a memory slot', dictionary(named('os', 'system'), 'q', 9, '0h', 9, text('x'), 0x85, 'R'), 'os.system'],
    ['a call that is popped again', dictionary(system, '0', text('b')), 'os.system'],
    ['pip as a gadget', dictionary(named('pip', 'main'), '](', text('install'), 'e', 0x85, 'R'), 'pip.main'],
    [
      'torch.load within',
      dictionary(named('torch.storage', '_load_from_bytes'), 'C', 1, 'x', 0x85, 'R'),
      'torch.storage._load_from_bytes',
    ],
    [
      'a library gadget',
      dictionary(named('numpy.testing._private.utils', 'runstring'), ')R'),
      'numpy.testing._private.utils.runstring',
    ],
    ['builtins', dictionary(named('builtins', 'getattr'), ')R'), 'builtins.getattr'],
    [
      'a call of what a call gives',
      dictionary(named('torch', 'device'), ')R', text('x'), 0x85, 'R'),
      'a computed function',
    ],
  ])('%s is seen', async (_what, pickle, subject) => {
    expect(await subjects(wrap(pickle))).toContain(subject);
  });

  it.each<[string, Uint8Array]>([
    ['an opcode that is none', pickled(0x80, 4, '}(', text('a'), system, 'u', 0xff)],
    ['a frame that leads out of the file', pickled(0x80, 4, 0x95, Buffer.alloc(8, 0x7f), system, '.')],
    ['a missing end', pickled(0x80, 4, '}(', text('a'), system, 'u')],
    ['an empty stack', pickled(0x80, 4, system, '000000.')],
    ['a length beyond the file', pickled(0x80, 4, system, 0x8d, Buffer.alloc(8, 0x7f))],
    ['items for what takes none', pickled(0x80, 4, 'K', 1, 'K', 2, 'a', system, '.')],
    ['a later protocol', pickled(0x80, 4, system, 0x80, 9, '.')],
  ])('%s does not end the search, and is told itself', async (_what, pickle) => {
    const found = await open(wrap(pickle));
    expect(found.findings.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['os.system', 'broken pickle']) as string[],
    );
    expect(found.read).toEqual({});
  });

  it('a second pickle behind the first, and bytes behind that, are seen', async () => {
    const two = pickled(tensorPickle([tensor]), pickled(0x80, 2, system, '.'), 'and more');
    expect(await subjects(wrap(two))).toEqual(['os.system', '8 bytes']);
  });

  it('a payload in a member of another name is seen', async () => {
    const evil = pickled(0x80, 2, system, '.');
    for (const name of [
      'archive/.data/serialization_id',
      'archive/data/9',
      'other.pkl',
      'archive/code/x.txt',
    ])
      expect(
        await subjects(zipBytes([main(tensorPickle([tensor])), storage, { name, data: evil }])),
        name,
      ).toContain('os.system');
  });

  it('a payload in an archive of arrays, as an array of objects or beside the arrays, is seen', async () => {
    const evil = pickled(0x80, 2, system, '.');
    const good = { name: 'a.npy', data: npyBytes('<f4', [6, 2], bytesOf(values)) };
    const objects = { name: 'o.npy', data: npyBytes('|O', [1], evil) };
    for (const other of [objects, { ...objects, deflate: true }, { name: 'b.pkl', data: evil }]) {
      const { findings, read } = await open(zipBytes([good, other]), 'a.npz');
      expect(findings.map(({ subject }) => subject)).toEqual(['os.system']);
      expect(Object.keys(read)).toEqual(['a']);
    }
    expect(await subjects(npyBytes('|O', [1], evil), 'a.npy')).toEqual(['os.system']);
    const structured = npyBytes('', [1], evil, {
      header: "{'descr': [('a', '|O')], 'fortran_order': False, 'shape': (1,), }",
    });
    expect(await subjects(structured, 'a.npy')).toEqual(['os.system']);
  });

  it('archives that stop a check and not a loader are searched all the same', async () => {
    const evil = main(pickled(0x80, 2, '}(', text('a'), system, 'u.'));
    for (const [what, archive] of Object.entries({
      checksum: [{ ...evil, local: { crc: 1 } }],
      'checksum of both': [{ ...evil, central: { crc: 1 }, local: { crc: 1 } }],
      flags: [{ ...evil, local: { flags: 1 } }],
      'flags of the directory': [{ ...evil, central: { flags: 1 } }],
      name: [{ ...evil, local: { name: 'archive/data.pk1' } }],
    })) {
      const found = await subjects(zipBytes([...archive, storage]));
      expect(found, what).toEqual(expect.arrayContaining(['os.system', 'archive/data.pkl']) as string[]);
    }
  });

  it('the name of the file decides nothing', async () => {
    const evil = pickled(0x80, 4, system, '.');
    for (const name of ['model.pt', 'model.npy', 'model.csv', 'model.bin.txt', 'model.safetensors'])
      expect(await subjects(evil, name), name).toEqual(['os.system']);
    // Protocol 0 says nowhere that it is a pickle: there the name is all there is.
    expect(await subjects(Buffer.from('cos\nsystem\n(S"x"\ntR.'), 'model.pkl')).toEqual(['os.system']);
  });

  it('the oldest form of PyTorch, a tar archive, is no way in, whatever it is called', () => {
    // torch.load took it past its own list of what is harmless (CVE-2025-32434).
    const tar = Buffer.concat([Buffer.alloc(1024), pickled(0x80, 2, system, '.')]);
    tar.write('pickle', 0, 'latin1');
    tar.write('ustar', 257, 'latin1');
    for (const name of ['model.pt', 'model.pth', 'model.pkl', 'model.csv'])
      expect(readerOf(tar.subarray(0, 4096), name), name).toBeNull();
    expect(refusalOf('model.pt', tar)).toContain('is a tar archive');
  });

  it('an archive that is two things at once is refused', async () => {
    const both = zipBytes([
      main(tensorPickle([tensor])),
      storage,
      { name: 'a.npy', data: npyBytes('<f4', [1], bytesOf(values.slice(0, 1))) },
    ]);
    expect((await failureLater(() => open(both))).message).toContain('another thing');
    const twice = zipBytes([
      main(tensorPickle([tensor])),
      { ...main(tensorPickle([tensor])), name: 'b/data.pkl' },
    ]);
    expect((await failureLater(() => open(twice))).message).toContain('2 members named data.pkl');
  });
});

describe('tensors that cannot be what they claim', () => {
  const problemOf = async (part: Partial<Parameters<typeof tensorPickle>[0][0]>): Promise<string> => {
    const { entries, read } = await open(zipBytes([main(tensorPickle([{ ...tensor, ...part }])), storage]));
    expect(read).toEqual({});
    return entries[0]?.problem ?? '';
  };

  it('are listed with the reason, and take no memory', async () => {
    expect(await problemOf({ shape: [7, 2], numbers: 12 })).toContain('reaches to value 13');
    expect(await problemOf({ offset: 1, numbers: 12 })).toContain('reaches to value 12');
    expect(await problemOf({ shape: [2 ** 30, 2 ** 30], numbers: 12 })).toContain('larger than any file');
    expect(await problemOf({ shape: [1000, 2], strides: [0, 1], numbers: 12 })).toContain(
      'lie over each other',
    );
    expect(await problemOf({ numbers: 2 ** 30, shape: [2 ** 20, 2] })).toContain('has 48 bytes in place of');
    expect(await problemOf({ key: '7' })).toContain('no storage "7"');
    expect(await problemOf({ shape: [6, 2], strides: [-1, 1] })).toContain('cannot be understood');
  });
});

describe('bounds of the reading', () => {
  const read = (bytes: Uint8Array) => readPickle(bytesAsSource('p.pkl', bytes), 0);

  it('hold for depth, for opcodes, for memory and for shared values', () => {
    expect(read(pickled('('.repeat(600), '.')).fault?.reason).toContain('nested');
    expect(read(pickled(')', '0)'.repeat(10), '.')).fault).toBeNull();
    expect(read(Buffer.concat([Buffer.alloc(10_000_001, 'N'), Buffer.from('.')])).fault?.reason).toMatch(
      /stack|opcodes/,
    );
    expect(read(pickled(0x8a, 255, Buffer.alloc(255, 1), '.')).fault).toBeNull();
    expect(read(pickled(0x8b, 0xff, 0xff, 0xff, 0x7f)).fault?.reason).toContain('whole number');
    expect(read(pickled('X', 0xff, 0xff, 0xff, 0xff)).fault?.reason).toContain('text claims');
  });

  it('hold for values that double with every level', async () => {
    // Each list holds the one before it twice: written out it would have 2^200 items.
    const doubling = pickled(0x80, 4, ']', ...Array.from({ length: 200 }, () => pickled('2', 0x86)), '.');
    expect((await open(doubling, 'a.pkl')).entries).toEqual([]);
    const itself = pickled(0x80, 4, ']q', 0, 'h', 0, 'a.');
    expect((await open(itself, 'a.pkl')).entries).toEqual([]);
  });
});
