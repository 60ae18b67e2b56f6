import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater, failureOf } from '../../../../test/fixtures/failure-code.ts';
import { logField, logMapping } from '../../../../test/fixtures/log-mapping.ts';
import { FileToken } from '../../../contract/case.ts';
import type { LogFieldProposal } from '../../../contract/logs.ts';
import { mappingBy, mappingText, parseMapping, readMapping } from './mapping.ts';
import { proposeLog } from './propose-log.ts';

const schema: unknown = JSON.parse(
  readFileSync(
    join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'schemas', 'log-mapping.schema.json'),
    'utf8',
  ),
);
const holds = new Ajv2020({ allowUnionTypes: true }).compile(schema as object);

const EVIDENTLY = `{"evidently":{"id_column":"rid","timestamp":"ts","categorical_columns":["pred"],"classification":[{"target":"y","prediction_labels":"pred"}]}}`;
const NANNYML = `{"nannyml":{"timestamp_column_name":"ts","y_pred":"pred","y_pred_proba":{"stop":"p_stop","go":"p_go"},"y_true":"y","problem_type":"classification_multiclass","chunk_period":"D"}}`;

const proposal = (
  name: string,
  role: LogFieldProposal['role'] = 'feature',
  more: Partial<LogFieldProposal> = {},
): LogFieldProposal => ({
  ...logField(name, role),
  name,
  examples: [],
  ...more,
});
const proposed = [
  proposal('ts', 'time'),
  proposal('rid', 'request-id'),
  proposal('pred', 'predicted'),
  proposal('other', 'label'),
  proposal('y'),
  proposal('p_stop'),
  proposal('p_go'),
  proposal('x'),
];
const facts = { format: 'jsonl', delimiter: null, zoneMinutes: 0 } as const;

/** Role, type and class of each field after the mapping. */
function applied(text: string, fields = proposed) {
  const said = parseMapping('map.json', text);
  if (said === null) throw new Error('it is no mapping');
  return Object.fromEntries(
    mappingBy(said, 'map.json', facts, fields).fields.map(({ path, role, type, class: of }) => [
      path.join('.'),
      [role, ...(role === 'feature' ? [type] : []), ...(of === null ? [] : [of])].join(' '),
    ]),
  );
}

describe('a mapping file', () => {
  it('of Evidently', () => {
    expect(applied(EVIDENTLY)).toEqual({
      ts: 'time',
      rid: 'request-id',
      pred: 'predicted',
      other: 'ignored',
      y: 'label',
      p_stop: 'ignored',
      p_go: 'ignored',
      x: 'ignored',
    });
    const legacy = {
      target: 'y',
      prediction: ['p_stop', 'p_go'],
      id: 'rid',
      datetime: 'ts',
      numerical_features: ['x'],
      categorical_features: null,
    };
    expect(applied(JSON.stringify(legacy))).toMatchObject({
      y: 'label',
      p_stop: 'score p_stop',
      x: 'feature number',
      ts: 'time',
      pred: 'ignored',
    });
    const probabilities = {
      id_column: 'rid',
      classification: [
        { target: 'y', prediction_labels: 'pred', prediction_probas: 'p_go', pos_label: 'go' },
      ],
    };
    expect(applied(JSON.stringify(probabilities))).toMatchObject({ p_go: 'score go', x: 'feature number' });
  });

  it('of NannyML', () => {
    expect(applied(NANNYML)).toEqual({
      ts: 'time',
      rid: 'request-id',
      pred: 'predicted',
      other: 'feature number',
      y: 'label',
      p_stop: 'score stop',
      p_go: 'score go',
      x: 'feature number',
    });
    expect(
      applied('{"timestamp_column_name":"ts","y_pred_proba":"p_go","column_names":["x","ts"]}'),
    ).toMatchObject({
      ts: 'time',
      p_go: 'score 1',
      x: 'feature number',
      y: 'ignored',
    });
  });

  it('of Bezoar, as it is documented and as it is written', () => {
    const own = {
      bezoar: 'log-mapping',
      version: 1,
      zone: '-05:30',
      fields: [
        { name: 'x', role: 'label' },
        { path: ['y'], role: 'feature', type: 'category' },
      ],
    };
    expect(holds(own)).toBe(true);
    expect(applied(JSON.stringify(own))).toMatchObject({
      x: 'label',
      y: 'feature category',
      other: 'feature number',
    });
    expect(parseMapping('a', JSON.stringify(own))?.zoneMinutes).toBe(-330);
    const mapping = logMapping(
      [
        logField('t', 'time', { unit: 'ns' }),
        { ...logField('', 'score'), path: ['a.b', 'c'], class: 'stop' },
        logField('z', 'ignored'),
      ],
      { format: 'csv', delimiter: ';', zoneMinutes: 90 },
    );
    const text = mappingText(mapping);
    expect(holds(JSON.parse(text)), JSON.stringify(holds.errors)).toBe(true);
    const said = parseMapping('a', text);
    if (said === null) throw new Error('it is no mapping');
    const fields = mapping.fields.map((field) => ({
      ...field,
      role: 'feature' as const,
      unit: null,
      class: null,
      name: field.path.join('.'),
      examples: [],
    }));
    expect(mappingBy(said, 'a', { ...facts, format: 'csv', delimiter: ';' }, fields)).toEqual(mapping);
  });

  it('is told from anything else, and refused where it makes no sense', () => {
    expect(parseMapping('a', '{"time":1,"target":"x"}')).toBeNull();
    expect(parseMapping('a', '{"time":1}\n{"time":2}')).toBeNull();
    expect(parseMapping('a', '[]')).toBeNull();
    const refused = (text: string) => failureOf(() => parseMapping('map.json', text));
    expect(refused('{"bezoar":"log-mapping","version":2,"fields":[]}').message).toContain(
      'map.json is a mapping that cannot be understood: version',
    );
    expect(refused('{"bezoar":"log-mapping","version":1,"fields":[{"name":"a","role":"boss"}]}').code).toBe(
      'evidence/malformed',
    );
    expect(refused('{"nannyml":{"y_pred":7}}').message).toContain('y_pred');
    expect(failureOf(() => applied('{"timestamp_column_name":"when"}')).code).toBe('evidence/missing-column');
    expect(
      failureOf(() => applied('{"bezoar":"log-mapping","version":1,"format":"csv","fields":[]}')).message,
    ).toContain('is a mapping for csv');
  });
});

describe('a mapping that is dropped with its log', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bezoar-mapping-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is applied', async () => {
    writeFileSync(
      join(folder, 'log.jsonl'),
      '{"ts":1772438400,"a":1,"pred":"x","p_stop":0.5,"p_go":0.5,"y":"stop"}\n',
    );
    writeFileSync(join(folder, 'nannyml.json'), NANNYML);
    const { files, fields } = await proposeLog(
      [{ token: FileToken.parse('a'.repeat(32)), path: folder }],
      null,
      {
        find: () => null,
        remember: () => undefined,
      },
    );
    expect(files.map(({ is, problem }) => [is, problem])).toEqual([
      ['log', null],
      ['mapping', null],
    ]);
    expect(fields.map(({ name, role, class: of }) => [name, role, of])).toEqual([
      ['ts', 'time', null],
      ['a', 'feature', null],
      ['pred', 'predicted', null],
      ['p_stop', 'score', 'stop'],
      ['p_go', 'score', 'go'],
      ['y', 'label', null],
    ]);
  });

  it('or named for it must fit', async () => {
    const log = join(folder, 'log.jsonl');
    const map = join(folder, 'map.txt');
    writeFileSync(log, '{"ts":1772438400,"pred":"x"}\n');
    writeFileSync(map, NANNYML);
    const propose = () =>
      proposeLog(
        [{ token: FileToken.parse('a'.repeat(32)), path: log }],
        null,
        { find: () => null, remember: () => undefined },
        readMapping(map),
      );
    expect((await propose()).fields.map(({ role }) => role)).toEqual(['time', 'predicted']);
    writeFileSync(map, '{"timestamp_column_name":"when"}');
    expect((await failureLater(propose)).code).toBe('evidence/missing-column');
    writeFileSync(map, '{"a":1}');
    expect(failureOf(() => readMapping(map)).message).toContain('map.txt is no mapping');
    expect(failureOf(() => readMapping(join(folder, 'gone'))).code).toBe('evidence/unreadable');
  });
});
