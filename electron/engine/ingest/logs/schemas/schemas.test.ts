import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  SAGEMAKER,
  AZURE_OUT,
  AZURE_IN,
  KSERVE_OUT,
  KSERVE_IN,
  DATABRICKS,
  DATABRICKS_OLD,
  OPENINFERENCE,
  OTLP,
} from '../../../../../test/fixtures/schema-lines.ts';
import { unwatched } from '../../../../../test/fixtures/small-evidence.ts';
import { FileToken } from '../../../../contract/case.ts';
import type { LogFormat } from '../../../../contract/logs.ts';
import { createCaseFile } from '../../../case/open-case-file.ts';
import { importLog } from '../log-import.ts';
import { proposeLog } from '../propose-log.ts';
import { UnreadableLine } from './log-schema.ts';
import { payloadRows } from './payload.ts';
import { schemaNamed, schemaOf } from './registry.ts';

const place = { file: 0, line: 1, fileTimeMs: 5 };

function read(format: LogFormat, ...lines: readonly string[]) {
  const reader = schemaNamed(format)?.reader();
  if (reader === undefined) throw new Error(`${format} is no schema`);
  const taken = lines.flatMap((line, at) =>
    reader.take(JSON.parse(line) as object, { ...place, line: at + 1 }),
  );
  return {
    records: [...taken, ...reader.rest()].map(({ record, place: { line } }) => ({ ...record, line })),
    dropped: reader.dropped(),
    unpaired: reader.unpaired(),
    timeless: reader.timeless(),
  };
}

describe('a schema', () => {
  it.each([
    ['sagemaker', SAGEMAKER],
    ['azure-ml', AZURE_OUT],
    ['kserve', KSERVE_OUT],
    ['databricks', DATABRICKS],
    ['databricks', DATABRICKS_OLD],
    ['openinference', OPENINFERENCE],
    ['opentelemetry', OTLP],
  ])('is told by its keys: %s', (format, line) => {
    expect(schemaOf([JSON.parse(line) as object, {}, JSON.parse(line) as object])?.format).toBe(format);
    expect(schemaOf([JSON.parse(line) as object, {}])).toBeNull();
  });

  it('is not told by what anybody may write', () => {
    expect(
      schemaOf([
        { time: 1, id: 'a', type: 'click', specversion: 2 },
        { request: 1, response: 2 },
      ]),
    ).toBeNull();
  });
});

describe('SageMaker Data Capture', () => {
  it('gives a request for each row of an invocation', () => {
    expect(read('sagemaker', SAGEMAKER).records).toEqual([
      {
        time: '2026-03-02T08:00:00Z',
        request_id: 'e-001',
        input: [0.1, 7, 3],
        output: { label: 'stop', p: 0.97 },
        line: 1,
      },
    ]);
    const several = SAGEMAKER.replace('"0.1,7,3"', '"1,a\\n2,b\\n"').replace(
      '"{\\"label\\":\\"stop\\",\\"p\\":0.97}"',
      '"{\\"predictions\\":[{\\"label\\":\\"x\\"},{\\"label\\":\\"y\\"}]}"',
    );
    expect(read('sagemaker', several).records).toMatchObject([
      { row: 0, input: [1, 'a'], output: { label: 'x' } },
      { row: 1, input: [2, 'b'], output: { label: 'y' } },
    ]);
  });

  it('reads base64 by its content type, and leaves out what is no text', () => {
    const base64 = (text: string): string =>
      SAGEMAKER.replace(
        '"0.1,7,3","encoding":"CSV"',
        `"${Buffer.from(text, 'latin1').toString('base64')}","encoding":"BASE64"`,
      );
    expect(read('sagemaker', base64('4,5')).records[0]).toMatchObject({ input: [4, 5] });
    expect(read('sagemaker', base64('\x89PNG\0\0')).records[0]).not.toHaveProperty('input');
    expect(() => read('sagemaker', SAGEMAKER.replace('"JSON"', '"HEX"'))).toThrow(UnreadableLine);
    expect(() => read('sagemaker', SAGEMAKER.replace('0.97}', '0.97'))).toThrow('is not JSON');
  });
});

describe('the Azure ML data collector', () => {
  it('has inputs and outputs joined by correlation id and row, whichever comes first', () => {
    for (const lines of [
      [AZURE_IN, AZURE_OUT],
      [AZURE_OUT, AZURE_IN],
    ]) {
      const { records, unpaired } = read('azure-ml', ...lines);
      expect(records).toMatchObject([
        {
          time: '2026-03-02T08:00:00Z',
          request_id: 'c-9',
          row: 0,
          model: 'blue',
          version: '4',
          input: { x: 1 },
          output: { label: 'stop' },
        },
        { request_id: 'c-9', row: 1, input: { x: 2 }, output: { label: 'go' } },
      ]);
      expect(records[0]?.line).toBe(lines.indexOf(AZURE_OUT) + 1);
      expect(unpaired).toBe(0);
    }
  });

  it('keeps outputs without inputs, and counts both kinds of halves', () => {
    const other = AZURE_IN.replaceAll('c-9', 'c-8');
    const { records, unpaired, dropped } = read(
      'azure-ml',
      AZURE_OUT,
      other,
      AZURE_IN.replace('"data":[{"x":1},{"x":2}]', '"dataref":"abfss://far"'),
      AZURE_OUT.replace('model_outputs', 'heartbeat'),
    );
    expect(records).toMatchObject([{ output: { label: 'stop' } }, { output: { label: 'go' } }]);
    expect(records[0]).not.toHaveProperty('input');
    expect(unpaired).toBe(2);
    expect(dropped).toEqual([
      ['their data lie elsewhere and are only referred to', 1],
      ['they are neither inputs nor outputs of a model', 1],
    ]);
  });
});

describe('the KServe logger', () => {
  it('has requests and responses paired by id', () => {
    expect(read('kserve', KSERVE_IN, KSERVE_OUT)).toMatchObject({
      records: [
        {
          time: '2026-03-02T08:00:01Z',
          request_id: 'k-7',
          model: 'signs',
          namespace: 'prod',
          component: 'predictor',
          endpoint: 'default',
          input: [0.5, 0.25],
          output: 3,
        },
      ],
      unpaired: 0,
      timeless: 0,
    });
  });

  it('reads tensors of the open inference protocol, and the file store, which has no times', () => {
    const v2 = KSERVE_OUT.replace(
      '{"predictions":[3]}',
      '{"model_name":"s","model_version":"2","outputs":[{"name":"p","shape":[2,2],"datatype":"FP32","data":[0.1,0.9,0.8,0.2]},{"name":"class","shape":[2],"datatype":"INT64","data":[1,0]}]}',
    );
    expect(read('kserve', v2).records).toMatchObject([
      { row: 0, version: '2', output: { p: [0.1, 0.9], class: 1 } },
      { row: 1, output: { p: [0.8, 0.2], class: 0 } },
    ]);
    const stored = (reqType: string, body: string): string =>
      JSON.stringify({
        url: 'http://a',
        bytes: Buffer.from(body).toString('base64'),
        contentType: 'application/json',
        reqType: `org.kubeflow.serving.inference.${reqType}`,
        id: 'k-8',
        inferenceService: 'signs',
        namespace: 'prod',
      });
    expect(
      read('kserve', stored('request', '{"instances":[[1]]}'), stored('response', '{"predictions":["go"]}')),
    ).toMatchObject({ records: [{ time: 5, model: 'signs', input: [1], output: 'go' }], timeless: 1 });
    expect(() => read('kserve', v2.replace('"shape":[2,2]', '"shape":[2,3]'))).toThrow(
      'does not have the shape',
    );
  });
});

describe('Databricks inference tables', () => {
  it('of both ages give their rows, weighted', () => {
    expect(read('databricks', DATABRICKS, DATABRICKS_OLD).records).toEqual([
      {
        time: '2026-03-02T08:00:03Z',
        request_id: 'd-5',
        latency_ms: 12,
        sampling_fraction: 0.5,
        version: 'v4',
        requester: 'svc',
        input: { x: 1 },
        output: 3,
        line: 1,
      },
      expect.objectContaining({
        time: 1772438403000,
        request_id: 'd-6',
        client_request_id: 'mine',
        row: 0,
        model: 'signs',
        version: '7',
        input: { a: 1, b: 2 },
        output: 'go',
      }) as object,
      expect.objectContaining({ row: 1, input: { a: 3, b: 4 }, output: 'stop' }) as object,
    ]);
  });

  it('lose the answers that failed, counted', () => {
    const { records, dropped } = read(
      'databricks',
      DATABRICKS.replace('200', '500'),
      DATABRICKS.replace('200', '"200"'),
    );
    expect(records).toHaveLength(1);
    expect(dropped).toEqual([['the status is not 200 but 500', 1]]);
  });
});

describe('spans of models', () => {
  it('in the manner of OpenInference: attributes flattened, nested, or as columns', () => {
    const expected = {
      time: '2026-03-02T08:00:04Z',
      span: 'classify',
      kind: 'EMBEDDING',
      model: 'enc-1',
      latency_ms: 250,
      input: 'refund',
      vector: [0.1, -0.2],
    };
    expect(read('openinference', OPENINFERENCE).records).toEqual([{ ...expected, line: 1 }]);
    const nested = {
      name: 'classify',
      start_time: '2026-03-02T08:00:04Z',
      end_time: '2026-03-02T08:00:04.250Z',
      attributes: {
        openinference: { span: { kind: 'EMBEDDING' } },
        embedding: {
          model_name: 'enc-1',
          embeddings: [{ embedding: { text: 'refund', vector: [0.1, -0.2] } }],
        },
      },
    };
    expect(read('openinference', JSON.stringify(nested)).records).toEqual([{ ...expected, line: 1 }]);
    const columns = {
      name: 'chat',
      'context.span_id': 's1',
      start_time: '2026-03-02T08:00:04Z',
      'attributes.openinference.span.kind': 'LLM',
      'attributes.llm.model_name': 'm',
      'attributes.llm.token_count.prompt': 3,
      'attributes.llm.input_messages': [
        { message: { role: 'user', content: 'hello' } },
        { message: { content: 'you' } },
      ],
      'attributes.output.value': 'spam',
      'attributes.retrieval.documents': [{ document: { id: 'a' } }, { document: { id: 'b' } }],
    };
    expect(read('openinference', JSON.stringify(columns)).records).toEqual([
      {
        time: '2026-03-02T08:00:04Z',
        request_id: 's1',
        span: 'chat',
        kind: 'LLM',
        model: 'm',
        input_tokens: 3,
        input: 'hello\nyou',
        output: 'spam',
        documents: 2,
        line: 1,
      },
    ]);
  });

  it('in the manner of OpenTelemetry, many in a line; other spans are left out, counted', () => {
    expect(read('opentelemetry', OTLP)).toMatchObject({
      records: [
        {
          time: '1772438405000000000',
          request_id: '0b',
          trace_id: '0a',
          span: 'chat m1',
          kind: 'chat',
          model: 'm1',
          latency_ms: 12.5,
          input_tokens: 17,
          service: 'desk',
        },
      ],
      dropped: [['they are spans of something else than a model', 1]],
    });
  });
});

describe('the rows of a payload', () => {
  it.each([
    [{ instances: [[1], [2]] }, [[1], [2]]],
    [
      { predictions: { a: [1, 2], b: [3, 4] } },
      [
        { a: 1, b: 3 },
        { a: 2, b: 4 },
      ],
    ],
    [{ predictions: { a: [1, 2], b: [3] } }, [{ a: [1, 2], b: [3] }]],
    [{ inputs: 7 }, [7]],
    [{ columns: ['a'], data: [[1]] }, [{ a: 1 }]],
    [{ label: 'x', p: 0.5 }, [{ label: 'x', p: 0.5 }]],
    ['text', ['text']],
    [null, []],
    [undefined, []],
  ])('%j', (payload, rows) => {
    expect(payloadRows(payload)).toEqual(rows);
  });
});

describe('an import', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bezoar-schema-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function imported(...files: readonly string[]) {
    const paths = files.map((text, at) => {
      const path = join(folder, `${at}.jsonl`);
      writeFileSync(path, text);
      utimesSync(path, 1772438400, 1772438400);
      return path;
    });
    const token = FileToken.parse('a'.repeat(32));
    const memory = { find: () => null, remember: () => undefined };
    const { mapping, fields, examples } = await proposeLog(
      paths.map((path) => ({ token, path })),
      null,
      memory,
    );
    if (mapping === null) throw new Error('nothing was proposed');
    const caseFile = createCaseFile(join(folder, 'a.bezoar'), { proposedActor: 'tester' });
    try {
      const log = await importLog(
        caseFile,
        { paths, role: 'log', name: 'a', mapping, acceptBadLines: false },
        unwatched(),
        2,
      );
      const { table, weight } = await caseFile.logs.load([log]);
      expect(caseFile.audit.verify().ok).toBe(true);
      return {
        roles: Object.fromEntries(fields.map(({ name, role }) => [name, role])),
        examples,
        rows: caseFile.logs.rows(log, [...Array(table.rows).keys()]),
        info: caseFile.logs.get(log),
        table,
        weight,
      };
    } finally {
      caseFile.close();
    }
  }

  it('puts requests together over blocks and files, each row at its answer’s line', async () => {
    const id = (line: string, at: number): string => line.replace('k-7', `k-${at}`);
    const { roles, rows, info, table, examples } = await imported(
      `${id(KSERVE_IN, 1)}\n${id(KSERVE_OUT, 2)}\n${id(KSERVE_OUT, 9)}\n`,
      `\n${id(KSERVE_IN, 2).replace('08:00:01Z', '08:00:00Z')}\n${id(KSERVE_OUT, 1).replace('[3]', '[4]')}\n${id(KSERVE_IN, 8)}\n`,
    );
    expect(roles).toMatchObject({
      time: 'time',
      request_id: 'request-id',
      model: 'model',
      namespace: 'feature',
      output: 'predicted',
    });
    expect(examples).not.toEqual([]);
    expect(rows.map(({ requestId, file, line }) => [requestId, file, line])).toEqual([
      ['k-2', '0.jsonl', 2],
      ['k-1', '1.jsonl', 3],
      ['k-9', '0.jsonl', 3],
    ]);
    expect(table.classes).toEqual(['3', '4']);
    expect(info.files.map((file) => file.rows)).toEqual([2, 1]);
    expect(info.oddities).toMatchObject([{ kind: 'unpaired', count: 2 }]);
  });

  it('weighs sampled rows, takes scores and flattened inputs', async () => {
    const { roles, weight, table } = await imported(
      [
        DATABRICKS,
        DATABRICKS.replace('d-5', 'd-6').replace('[3]', '[7]').replace('0.5', '0.25'),
        DATABRICKS.replace('200', '429'),
      ].join('\n'),
    );
    expect(roles).toMatchObject({
      latency_ms: 'latency',
      sampling_fraction: 'sampling-fraction',
      version: 'version',
      'input.x': 'feature',
      output: 'predicted',
    });
    expect([...(weight ?? [])]).toEqual([2, 4]);
    expect(table.classes).toEqual(['3', '7']);
  });

  it('says when the times are those of the files', async () => {
    const stored = JSON.stringify({
      bytes: Buffer.from('{"predictions":[1]}').toString('base64'),
      contentType: 'application/json',
      reqType: 'org.kubeflow.serving.inference.response',
      id: 'a',
    });
    const { info, rows } = await imported(stored);
    expect(rows[0]?.timeMs).toBe(1772438400000);
    expect(info.oddities.find(({ kind }) => kind === 'no-time')?.sentence).toBe(
      '1 record has no time of its own; the time at which the file was changed last was taken.',
    );
  });

  it('reads the others from file to table', async () => {
    const sage = await imported(`${SAGEMAKER}\n`);
    expect(sage.roles).toEqual({
      time: 'time',
      request_id: 'request-id',
      'input.0': 'feature',
      'input.1': 'feature',
      'input.2': 'feature',
      'output.label': 'predicted',
      'output.p': 'confidence',
    });
    rmSync(join(folder, 'a.bezoar'));
    const otel = await imported(`${OTLP}\n`);
    expect(otel.roles).toMatchObject({
      time: 'time',
      model: 'model',
      latency_ms: 'latency',
      input_tokens: 'resource',
      kind: 'feature',
    });
    expect(otel.rows[0]?.timeMs).toBe(1772438405000);
    rmSync(join(folder, 'a.bezoar'));
    const open = await imported(`${OPENINFERENCE}\n`);
    expect(open.roles).toMatchObject({
      model: 'model',
      latency_ms: 'latency',
      'vector.0': 'feature',
      input: 'feature',
    });
  });
});

describe('logs as the usual servers write them', () => {
  const LOGS = join(import.meta.dirname, '../../../../../test/fixtures/formats/logs');
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bezoar-served-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['azure-ml', 'azure-ml.jsonl', []],
    ['kserve', 'kserve.jsonl', []],
    ['kserve', 'kserve-store.jsonl', ['no-time']],
    ['databricks', 'databricks.csv', ['dropped']],
    ['databricks', 'databricks.parquet', ['dropped']],
    ['openinference', 'openinference.jsonl', ['dropped']],
    ['opentelemetry', 'otlp.jsonl', ['dropped']],
  ])(
    'are known by their keys, and every request has its id, time and prediction: %s, %s',
    async (format, name, oddities) => {
      const path = join(LOGS, name);
      const { mapping } = await proposeLog([{ token: FileToken.parse('a'.repeat(32)), path }], null, {
        find: () => null,
        remember: () => undefined,
      });
      if (mapping === null) throw new Error('nothing was proposed');
      expect(mapping.format).toBe(format);
      const caseFile = createCaseFile(join(folder, 'a.bezoar'), { proposedActor: 'tester' });
      try {
        const plan = { paths: [path], role: 'log', name: 'a', mapping, acceptBadLines: false } as const;
        const log = caseFile.logs.get(await importLog(caseFile, plan, unwatched(), 2));
        expect(log.oddities.map(({ kind }) => kind)).toEqual(oddities);
        if (name === 'databricks.parquet') return;
        expect([log.rows, log.classes]).toEqual([20, ['cat', 'dog']]);
        const rows = caseFile.logs.rows(log.id, [...Array(20).keys()]);
        const predicted = log.columns.findIndex(({ role }) => role === 'predicted');
        const byId = new Map(rows.map((row) => [`${row.requestId ?? ''} ${row.line}`, row]));
        expect(byId.size).toBe(format === 'azure-ml' ? 10 : 20);
        if (!oddities.includes('no-time'))
          expect(rows.map(({ timeMs }) => timeMs)).toEqual(
            rows.map((_, at) => Date.UTC(2026, 2, 2, 8, format === 'azure-ml' ? at - (at % 2) : at)),
          );
        expect(rows.map(({ values }) => values[predicted])).toEqual(
          rows.map((_, at) => ['cat', 'dog'][at % 2]),
        );
      } finally {
        caseFile.close();
      }
    },
  );
});
