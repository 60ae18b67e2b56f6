import { isUtf8 } from 'node:buffer';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BezoarError } from '../../electron/contract/errors.ts';
import type { LogMapping } from '../../electron/contract/logs.ts';
import { bytesAsSource } from '../../electron/engine/ingest/byte-source.ts';
import { decodeImage, prepareDecoder } from '../../electron/engine/ingest/images/decode-image.ts';
import { imageHeader } from '../../electron/engine/ingest/images/image-header.ts';
import { createBlockParser } from '../../electron/engine/ingest/logs/block-parser.ts';
import type { OpenedFile, ParsedBlock } from '../../electron/engine/ingest/logs/log-messages.ts';
import { proposeLog } from '../../electron/engine/ingest/logs/propose-log.ts';
import { readBlocks } from '../../electron/engine/ingest/logs/read-blocks.ts';
import { schemaNamed } from '../../electron/engine/ingest/logs/schemas/registry.ts';
import { onnxReader } from '../../electron/engine/ingest/readers/onnx.ts';
import { FileToken } from '../../electron/contract/case.ts';
import { logLines } from '../fixtures/log-lines.ts';
import * as schemaLines from '../fixtures/schema-lines.ts';
import type { FuzzEntry, Reading, SeedFile } from './fuzz-entry.ts';
import { written } from './seed-files.ts';

const nothingRemembered = { find: () => null, remember: () => undefined };
const TOKEN = FileToken.parse('f'.repeat(32));

const text = (name: string, content: string): SeedFile => ({ name, bytes: Buffer.from(content) });

/** Proposes what the fields of a log are, and reads all of it with that. */
async function readLog(name: string, bytes: Uint8Array): Promise<Reading> {
  const folder = mkdtempSync(join(tmpdir(), 'bezoar-fuzz-'));
  try {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    const proposal = await proposeLog([{ token: TOKEN, path }], null, nothingRemembered);
    const refused = proposal.files.find(({ problem }) => problem !== null)?.problem;
    if (proposal.mapping === null || typeof refused === 'string')
      throw new BezoarError('evidence/malformed', refused ?? `${name} is no log. Nothing was imported.`);
    return await rowsOfLog(path, name, proposal.mapping);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function rowsOfLog(path: string, name: string, mapping: LogMapping): Promise<Reading> {
  const parser = createBlockParser(mapping, [1, 2]);
  let opened: OpenedFile | null = null;
  let [index, decoded] = [0, 0];
  const columns: number[][] = mapping.fields.map(() => []);
  let rows = 0;
  const parse = (block: Uint8Array<ArrayBuffer>, last: boolean, rest: boolean): void => {
    if (opened === null) throw new Error('a block came before its file');
    const parsed = parser.parse({ index, file: opened, bytes: block, last, rest });
    index += 1;
    rows += parsed.rows;
    decoded += bytesOfBlock(parsed);
    addNumbers(parsed, columns);
  };
  await readBlocks([{ path, name }], mapping, (message) => {
    if (message.kind === 'file') opened = message.file;
    else if (message.kind === 'block') parse(message.bytes, message.last, false);
    return Promise.resolve();
  });
  if (schemaNamed(mapping.format)?.pairs === true) parse(new Uint8Array(0), false, true);
  const file = opened;
  return {
    decoded,
    arrays: [],
    told: { rows },
    differs: (bytes) =>
      mapping.format === 'jsonl' && file !== null ? logDiffers(bytes, file, mapping, columns) : null,
  };
}

function bytesOfBlock({ columns, rows }: ParsedBlock): number {
  let bytes = 0;
  for (const column of columns) {
    const values =
      column.type === 'number' ? column.values : column.type === 'category' ? column.codes : column.ends;
    if (values.length !== rows) throw new Error(`a column has ${values.length} values for ${rows} rows`);
    bytes += values.byteLength + (column.type === 'text' ? column.bytes.length : 0);
  }
  return bytes;
}

function addNumbers({ columns }: ParsedBlock, into: number[][]): void {
  for (const [at, column] of columns.entries())
    if (column.type === 'number') (into[at] ??= []).push(...column.values);
}

/** The lines as JSON.parse reads and writes them must give the same numbers. */
function logDiffers(
  bytes: Uint8Array,
  file: OpenedFile,
  mapping: LogMapping,
  columns: readonly (readonly number[])[],
): string | null {
  if (!isUtf8(bytes)) return null;
  const lines = Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .map((line) => line.replace(/^\uFEFF/, ''));
  const plain: string[] = [];
  for (const line of lines) {
    if (/NaN|Infinity/.test(line)) return null;
    try {
      const value: unknown = JSON.parse(line);
      plain.push(
        JSON.stringify(value, (_key, one: unknown) => (one === Infinity || one === -Infinity ? '' : one)),
      );
    } catch {
      // Of what is no JSON there must be no row.
    }
  }
  const parsed = createBlockParser(mapping, [1, 2]).parse({
    index: 0,
    file,
    bytes: new Uint8Array(Buffer.from(`${plain.join('\n')}\n`)),
    last: true,
    rest: false,
  });
  const expected: number[][] = mapping.fields.map(() => []);
  addNumbers(parsed, expected);
  const at = expected.findIndex(
    (values, column) => JSON.stringify(values) !== JSON.stringify(columns[column]),
  );
  return at < 0
    ? null
    : `column ${at} is ${JSON.stringify(expected[at])} in place of ${JSON.stringify(columns[at])}`;
}

async function readImage(name: string, bytes: Uint8Array): Promise<Reading> {
  const header = imageHeader(bytes);
  const refused = (why: string): BezoarError =>
    new BezoarError('evidence/malformed', `${name} ${why}. Nothing was imported.`);
  if (typeof header === 'string') throw refused(header);
  const { kind, width, height, grey } = header;
  const channels = grey ? 1 : 3;
  const decoded = await decodeImage({ bytes, kind, width, height, to: { width, height, channels } });
  if ('problem' in decoded) throw refused(decoded.problem);
  if (decoded.pixels.length !== width * height * channels) throw new Error('pixels are missing');
  const sha256 = createHash('sha256').update(decoded.pixels).digest('hex');
  return {
    decoded: decoded.pixels.length,
    arrays: [{ name: kind, dtype: 'uint8', shape: [height, width, channels], sha256 }],
  };
}

let prepared = false;

export const otherEntries: readonly FuzzEntry[] = [
  {
    name: 'onnx',
    covers: ['onnx'],
    seeds: () => written('models/pytorch.onnx', 'models/branches.onnx'),
    read: async (name, bytes) => {
      const { model } = await onnxReader.open(bytesAsSource(name, bytes));
      return { decoded: bytes.length, arrays: [], told: model };
    },
    peer: 'onnx',
  },
  {
    name: 'images',
    covers: ['images'],
    seeds: () =>
      written(
        ...['alpha.bmp', 'grey.bmp', 'one-bit.bmp', 'palette.bmp', 'rgb.bmp'].map((name) => `images/${name}`),
        ...['alpha.png', 'grey16.png', 'palette.png', 'one-bit.png', 'turned.png'].map(
          (name) => `images/${name}`,
        ),
        ...['cmyk.jpg', 'grey.jpg', 'progressive.jpg', 'turned.jpg'].map((name) => `images/${name}`),
        ...['lossless.webp', 'lossy.webp', 'turned.webp', 'moving.gif', 'palette.gif'].map(
          (name) => `images/${name}`,
        ),
        ...['deflate.tif', 'grey16.tif', 'lzw.tif', 'one-bit.tif', 'palette.tif'].map(
          (name) => `images/${name}`,
        ),
      ),
    claimed: (bytes) => {
      const header = imageHeader(bytes);
      return typeof header === 'string' ? 0 : 3 * header.width * header.height;
    },
    read: (name, bytes) => {
      if (!prepared) prepareDecoder();
      prepared = true;
      return readImage(name, bytes);
    },
    peer: 'image',
  },
  {
    name: 'log-lines',
    covers: ['logs'],
    seeds: () => [text('log.jsonl', logLines(0, 12))],
    read: readLog,
    peer: null,
  },
  {
    name: 'log-csv',
    covers: ['logs'],
    seeds: () => [
      text(
        'log.csv',
        'time,id,predicted,confidence\n2026-03-02T08:00:00Z,a,"co""at",0.5\n2026-03-02T08:00:01Z,b,"ba\ng",1e-3\n',
      ),
      {
        name: 'log-spreadsheet.csv',
        bytes: Buffer.from(
          'time;id;predicted;confidence\r\n2026-03-02T08:00:00Z;a;\xf6wl;0,5\r\n2026-03-02T08:00:01Z;b;"ba;g";1e-3\r\n',
          'latin1',
        ),
      },
      text('log-quoted.csv', "time|id|label\n1772438403|'a|b'|1\n1772438404|'it''s'|0\n"),
      text('log-escaped.csv', 'time,id,label\n1772438403,"a \\"b\\", c",1\n1772438404,d,0\n'),
      text('log.tsv', 'time\tid\tlatency\n1772438403\ta\t0.5\n1772438404.25\tb\t\n'),
    ],
    read: readLog,
    peer: null,
  },
  {
    name: 'log-schemas',
    covers: ['logs'],
    seeds: () =>
      Object.entries(schemaLines).map(([name, line]) =>
        text(`${name.toLowerCase()}.jsonl`, `${line}\n${line}\n`),
      ),
    read: readLog,
    peer: null,
  },
];
