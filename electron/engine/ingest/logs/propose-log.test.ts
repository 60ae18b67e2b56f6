import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileToken } from '../../../contract/case.ts';
import type { LogFieldProposal, LogMapping } from '../../../contract/logs.ts';
import { logShape, openMappingMemory } from './mapping-memory.ts';
import { proposeLog } from './propose-log.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-propose-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const token = FileToken.parse('a'.repeat(32));
const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
};
const lines = (records: readonly object[]): string =>
  records.map((one) => `${JSON.stringify(one)}\n`).join('');
const propose = (paths: readonly string[], given: LogMapping | null = null) =>
  proposeLog(
    paths.map((path) => ({ token, path })),
    given,
    openMappingMemory(folder),
  );
const rolesOf = (fields: readonly LogFieldProposal[]) =>
  Object.fromEntries(
    fields.map(({ name, role, type, unit, class: of }) => [
      name,
      [role, type, unit, of].filter((one) => one !== null).join(' '),
    ]),
  );

const records = Array.from({ length: 500 }, (_, at) => ({
  ts: 1772438400 + at,
  inferenceId: `i-${at}`,
  modelName: 'signs',
  model_version: 3,
  output: { label: at % 2 === 0 ? 'stop' : 'go', p_stop: 0.75, p_go: 0.25 },
  inference_time_us: 1200 + at,
  gpu_mem: 11,
  hour: at % 24,
  client: `c-${at % 4}`,
  session: `s-${at}`,
  beta: at % 3 === 0,
  ground_truth: null,
  feedback_time: null,
  embedding: Array.from({ length: 128 }, () => 0),
}));

describe('the proposal for a log', () => {
  it('takes fields for what their names and values tell', async () => {
    const proposal = await propose([write('a.jsonl', lines(records))]);
    expect(rolesOf(proposal.fields)).toEqual({
      ts: 'time number',
      inferenceId: 'request-id text',
      modelName: 'model category',
      model_version: 'version category',
      'output.label': 'predicted category',
      'output.p_stop': 'score number stop',
      'output.p_go': 'score number go',
      inference_time_us: 'latency number us',
      gpu_mem: 'resource number',
      hour: 'feature number',
      client: 'feature category',
      session: 'feature text',
      beta: 'feature category',
      ground_truth: 'label category',
      feedback_time: 'label-time number',
    });
    expect(proposal.remembered).toBe(false);
    expect(proposal.problems).toEqual([
      '"embedding" is a list of more than 64 elements, which is a vector and no field. It is left out.',
    ]);
    expect(proposal.examples).toHaveLength(3);
    expect(proposal.examples[1]?.find(({ role }) => role === 'time')?.value).toBe('2026-03-02T08:00:01.000Z');
  });

  it('takes a CSV likewise, where a text may be a number', async () => {
    const text = `timestamp|id|y_pred|conf|note|code\n${Array.from({ length: 300 }, (_, at) => `2026-03-02 08:00:${String(at % 60).padStart(2, '0')}|${at}|${at % 2}|0.5||00${at % 3}`).join('\n')}\n`;
    const proposal = await propose([write('a.csv', text)]);
    expect(proposal.mapping).toMatchObject({ format: 'csv', delimiter: '|' });
    expect(rolesOf(proposal.fields)).toEqual({
      timestamp: 'time number',
      id: 'request-id text',
      y_pred: 'predicted category',
      conf: 'confidence number',
      note: 'feature category',
      code: 'feature category',
    });
  });

  it('looks into folders and compressed files, and says what cannot be taken', async () => {
    write('logs/a.gz', gzipSync(lines(records)));
    write('logs/b.csv', 'time,class\n2026-03-02,x\n');
    write('logs/c.bin', Buffer.from([1, 0, 2]));
    write('logs/d.json', '[[1, 2]]');
    const { files } = await propose([join(folder, 'logs')]);
    expect(
      files.map(({ name, compression, problem }) => [name, compression, problem?.split('.')[0] ?? null]),
    ).toEqual([
      ['logs/a.gz', 'gzip', null],
      ['logs/b.csv', null, 'logs/b'],
      ['logs/c.bin', null, 'logs/c'],
      ['logs/d.json', null, 'logs/d'],
    ]);
    expect(files[1]?.problem).toBe('logs/b.csv is CSV and logs/a.gz is JSON Lines. Import them apart.');
    expect(files[3]?.problem).toContain('it is one JSON list');
    expect(await propose([write('empty.log', '\n')])).toMatchObject({
      mapping: null,
      files: [{ problem: expect.stringContaining('is empty') as string }],
    });
  });

  it('says what it did not find, and shows what a corrected mapping makes of the rows', async () => {
    const path = write('a.jsonl', lines([{ when_it_was: '2026-03-02T08:00:00', what: 'stop', took: 3 }]));
    const proposal = await propose([path]);
    expect(proposal.problems).toEqual([
      'No field looks like the predicted class. Choose it, or the predictions cannot be watched.',
      'No field looks like a request id; requests are named by their file and line.',
      '"took" is taken for a latency in milliseconds, because its name says no unit.',
    ]);
    const { mapping } = proposal;
    if (mapping === null) throw new Error('nothing was proposed');
    const corrected: LogMapping = {
      ...mapping,
      zoneMinutes: 120,
      fields: mapping.fields.map((field) =>
        field.path[0] === 'what' ? { ...field, role: 'predicted' } : field,
      ),
    };
    expect((await propose([path], corrected)).examples).toEqual([
      [
        { name: 'when_it_was', role: 'time', value: '2026-03-02T06:00:00.000Z' },
        { name: 'what', role: 'predicted', value: 'stop' },
        { name: 'took', role: 'latency', value: '3' },
      ],
    ]);
    openMappingMemory(folder).remember(logShape('jsonl', corrected.fields), corrected);
    const again = await propose([
      write('b.jsonl', lines([{ took: 5, what: 'go', when_it_was: '2026-03-03T08:00:00' }])),
    ]);
    expect(again).toMatchObject({ remembered: true, mapping: { zoneMinutes: 120 } });
    expect(rolesOf(again.fields)).toMatchObject({ what: 'predicted category' });
    writeFileSync(join(folder, 'log-mappings.json'), 'damaged');
    expect((await propose([path])).remembered).toBe(false);
  });
});
