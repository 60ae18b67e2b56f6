import { defineLogSchema, lineByLine, own, UnreadableLine, type RequestRecord } from './log-schema.ts';
import { isModelCall, spanRecord } from './span-record.ts';

/** A value of OTLP/JSON, which names its type; 64-bit integers are texts. */
function valueOf(value: unknown): unknown {
  const text =
    own(value, 'stringValue') ??
    own(value, 'boolValue') ??
    own(value, 'doubleValue') ??
    own(value, 'bytesValue');
  if (text !== undefined) return text;
  const integer = own(value, 'intValue');
  if (integer !== undefined) return Number(integer);
  const list = own(own(value, 'arrayValue'), 'values');
  if (Array.isArray(list)) return list.map(valueOf);
  const pairs = own(own(value, 'kvlistValue'), 'values');
  return Array.isArray(pairs) ? Object.fromEntries(attributeMap(pairs)) : undefined;
}

function attributeMap(attributes: unknown): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const one of listOf(attributes)) {
    const key = own(one, 'key');
    if (typeof key === 'string') found.set(key, valueOf(own(one, 'value')));
  }
  return found;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** Nanoseconds as text, so that none is lost. */
const nanoseconds = (value: unknown): bigint | null =>
  (typeof value === 'string' && /^\d{1,20}$/.test(value)) ||
  (typeof value === 'number' && Number.isSafeInteger(value))
    ? BigInt(value)
    : null;

function recordOf(span: unknown): RequestRecord | null {
  const attributes = attributeMap(own(span, 'attributes'));
  if (!isModelCall(attributes)) return null;
  const [start, end] = [own(span, 'startTimeUnixNano'), own(span, 'endTimeUnixNano')].map(nanoseconds);
  return spanRecord({
    id: own(span, 'spanId'),
    trace: own(span, 'traceId'),
    name: own(span, 'name'),
    start: start?.toString(),
    latency: start === null || end === null || end < start ? null : Number(end - start) / 1e6,
    attributes,
    status: own(own(span, 'status'), 'code'),
  });
}

/** OpenTelemetry traces as OTLP/JSON: one line an export, which may hold many spans. Those of models are requests. */
export const opentelemetry = defineLogSchema({
  format: 'opentelemetry',
  title: 'OpenTelemetry traces',
  pairs: false,
  recognises: (line) => Array.isArray(own(line, 'resourceSpans')),
  reader: () =>
    lineByLine((line, _place, drop) => {
      const resources = own(line, 'resourceSpans');
      if (!Array.isArray(resources)) throw new UnreadableLine('it has no resourceSpans');
      const records: RequestRecord[] = [];
      for (const resource of resources as unknown[]) {
        const service = attributeMap(own(own(resource, 'resource'), 'attributes')).get('service.name');
        for (const scope of listOf(own(resource, 'scopeSpans')))
          for (const span of listOf(own(scope, 'spans'))) {
            const record = recordOf(span);
            if (record === null) drop('they are spans of something else than a model');
            else records.push(service === undefined ? record : { ...record, service });
          }
      }
      return records;
    }),
});
