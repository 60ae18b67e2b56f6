import { EventTimeReader } from '../event-time.ts';
import { defineLogSchema, lineByLine, own } from './log-schema.ts';
import { isModelCall, spanRecord, type Attributes } from './span-record.ts';

const PREFIX = 'attributes.';

/** Attributes as one map: nested objects and lists flattened with points, `attributes.` before a key left out. */
function attributesOf(line: object): Attributes {
  const found = new Map<string, unknown>();
  const add = (value: unknown, name: string): void => {
    if (typeof value === 'object' && value !== null && !isNumberList(value))
      for (const [key, one] of Object.entries(value)) add(one, name === '' ? key : `${name}.${key}`);
    else found.set(name, value);
  };
  const within = own(line, 'attributes');
  if (typeof within === 'object' && within !== null) add(within, '');
  for (const [key, value] of Object.entries(line))
    if (key.startsWith(PREFIX)) add(value, key.slice(PREFIX.length));
    else if (key !== 'attributes' && key.includes('.')) add(value, key);
  return found;
}

/** Vectors stay whole. */
const isNumberList = (value: object): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'number');

function millisecondsBetween(start: unknown, end: unknown): number | null {
  const reader = new EventTimeReader(0, null);
  const [from, to] = [start, end].map((time) => {
    const bytes = Buffer.from(typeof time === 'string' || typeof time === 'number' ? String(time) : '');
    return reader.fromText(bytes, 0, bytes.length);
  });
  return Number.isNaN(to - from) ? null : to - from;
}

/** OpenInference spans as JSON: attributes flattened, nested, or as columns that begin with `attributes.`. */
export const openinference = defineLogSchema({
  format: 'openinference',
  title: 'OpenInference spans',
  pairs: false,
  recognises: (line) =>
    own(line, 'resourceSpans') === undefined && attributesOf(line).has('openinference.span.kind'),
  reader: () =>
    lineByLine((line, _place, drop) => {
      const attributes = attributesOf(line);
      if (!isModelCall(attributes)) {
        drop('they are spans of something else than a model');
        return [];
      }
      const start = own(line, 'start_time') ?? own(line, 'startTime');
      const end = own(line, 'end_time') ?? own(line, 'endTime');
      return [
        spanRecord({
          id:
            own(line, 'span_id') ?? own(own(line, 'context'), 'span_id') ?? attributes.get('context.span_id'),
          trace:
            own(line, 'trace_id') ??
            own(own(line, 'context'), 'trace_id') ??
            attributes.get('context.trace_id'),
          name: own(line, 'name'),
          start,
          latency: millisecondsBetween(start, end),
          attributes,
          status: own(line, 'status_code'),
        }),
      ];
    }),
});
