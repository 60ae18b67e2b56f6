import type { LogColumnType, LogFieldProposal, LogFieldRole, LogUnit } from '../../../contract/logs.ts';
import { numberOf, type Decimal } from '../cell-values.ts';
import { EPOCH, EventTimeReader } from './event-time.ts';
import { nameOfPath, singleRoles, typeOfField } from './log-columns.ts';

/** What the first records of a log hold at one place. */
export interface SampledField {
  readonly path: readonly string[];
  /** In the order of the records, without those that lack it; null where it is null. */
  readonly values: readonly (string | number | boolean | null)[];
  /** Of the cells of a CSV file, where a text may be a number, what stands in front of decimals; null elsewhere. */
  readonly cells: Decimal | null;
}

interface Known {
  readonly sampled: SampledField;
  readonly plain: string;
  /** The values that are there, as text, numbers with a point. */
  readonly texts: readonly string[];
  readonly distinct: number;
  readonly numeric: boolean;
  /** Share of the values that are a time. */
  readonly times: number;
}

const EXAMPLES = 3;
const EXAMPLE_LENGTH = 80;
/** A text with more distinct values than this, in more than half of the rows another one, is no category. */
const CATEGORY_LEVELS = 200;
const TEXT_LENGTH = 60;
const TIME_SHARE = 0.95;
const MOST_SCORES = 4096;

const LABEL_TIME =
  /(label|truth|feedback|outcome|actual|annotat\w*)_?(time|timestamp|ts|at|date)|(time|timestamp|ts|date)_?(of_?)?(label|truth|feedback)|labell?ed_at/;
const LATENCY =
  /(latency|duration|elapsed|response_time|inference_(time_)?(s|ms|us|ns)\b|processing_time|took|runtime|execution_time)/;
const RESOURCE = /(^|_)(cpu|gpu|mem|memory|rss|ram|vram|energy|power|joules|tokens?|cost|watts?)(_|\d|$)/;
/** A list that a model gave: its elements are the scores of the classes by their number. */
const SCORE_LIST = /^(outputs?|predictions?|probabilities|probs|scores)\.(\d+)$/;
const SCORE = /^(p|prob|probability|probabilities|proba|score|scores|softmax)[._](.+)$/i;

const REQUEST_ID =
  /^(request_?id|req_?id|rid|id|uid|uuid|guid|event_?id|correlation_?id|trace_?id|inference_?id|prediction_?id|transaction_?id|message_?id|key)$/;

/** Roles by name, in the order in which they are asked. */
const named: readonly { readonly role: LogFieldRole; readonly pattern: RegExp }[] = [
  { role: 'request-id', pattern: REQUEST_ID },
  {
    role: 'row-in-request',
    pattern: /^(row|row_?in_?request|row_?index|instance|instance_?index|batch_?index)$/,
  },
  {
    role: 'model',
    pattern: /^(model|model_?name|model_?id|endpoint|endpoint_?name|service|inferenceservicename)$/,
  },
  {
    role: 'version',
    pattern: /^(version|model_?version|served_?entity_?id|revision|deployment|release)$/,
  },
  {
    role: 'predicted',
    pattern:
      /^(prediction|predictions|predicted|predicted_?(class|label|value)|pred|pred_?(class|label)|y_?pred|y_?hat|output|output_?(class|label)|result|decision|top_?1(_?(class|label))?)$/,
  },
  {
    role: 'label',
    pattern:
      /^(label|true_?(label|class)|actual|actual_?(label|class)|ground_?truth|truth|gt|target|y|y_?true|expected|feedback|outcome)$/,
  },
  {
    role: 'confidence',
    pattern: /^(confidence|conf|max_?prob(ability)?|probability|prob|certainty|top_?1_?(prob|score)|score)$/,
  },
  { role: 'sampling-fraction', pattern: /^(sampling|sample)_?(fraction|rate|ratio|probability)$/ },
  { role: 'weight', pattern: /^((sample|sampling|row|importance)_?)?weight$/ },
];

const INPUTS = /^(inputs?|features?|instances?)$/;
const OUTPUTS = /^(outputs?|predictions?|predicted|results?|response)$/;
const OUTPUT_CLASS = /^(label|labels|class|class_?name|category|name)$/;
const OUTPUT_SCORE = /^(p|prob|probability|score|confidence)$/;

const TIME_NAME =
  /^(@?time|@?timestamp|timestamp_?(ms|us|ns|s)?|ts|event_?time|datetime|date_?time|created|created_?at|request_?time|logged_?at|received_?at|inference_?time|start_?time|time_?(ms|us|ns|s|utc)|date|when)$/;

/** The last key in small letters with underscores: `inferenceTime` and `Inference-Time` are `inference_time`. */
const plainName = (name: string): string =>
  name
    .trim()
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[\s.-]+/g, '_');

function look(sampled: SampledField): Known {
  const present = sampled.values.filter((value) => value !== null && value !== '');
  const texts = present.map((value) => withPoint(String(value), sampled.cells));
  const reader = new EventTimeReader(0, null);
  let numbers = 0;
  let times = 0;
  for (const [at, value] of present.entries()) {
    const text = texts[at];
    const number =
      typeof value === 'number' ||
      (typeof value === 'string' &&
        sampled.cells !== null &&
        numberOf(String(value), sampled.cells) !== undefined &&
        !/^0\d/.test(text));
    if (number) numbers += 1;
    const bytes = Buffer.from(text);
    const ms = typeof value === 'boolean' ? Number.NaN : reader.fromText(bytes, 0, bytes.length);
    // A number is a time only where it is one of this age of logs: from 1990 to 2100.
    if (!Number.isNaN(ms) && (reader.zone !== EPOCH || (ms > 6.3e11 && ms < 4.1e12))) times += 1;
  }
  return {
    sampled,
    plain: plainName(sampled.path[sampled.path.length - 1] ?? ''),
    texts,
    distinct: new Set(texts).size,
    numeric: present.length > 0 && numbers === present.length,
    times: present.length === 0 ? 0 : times / present.length,
  };
}

const withPoint = (text: string, cells: Decimal | null): string =>
  cells === ',' && typeof numberOf(text, ',') === 'number' ? text.replace(',', '.') : text;

const inUnit = (texts: readonly string[]): boolean =>
  texts.every((text) => Number(text) >= 0 && Number(text) <= 1);

function byName(field: Known): LogFieldRole | null {
  const { plain, numeric, texts, distinct, times, sampled } = field;
  const outside = sampled.path.slice(0, -1).map(plainName);
  // What goes in is a feature whatever it is called; a class that comes out is a prediction.
  if (outside.some((name) => INPUTS.test(name))) return null;
  if (outside.some((name) => OUTPUTS.test(name))) {
    if (OUTPUT_CLASS.test(plain) && !(numeric && inUnit(texts))) return 'predicted';
    if (OUTPUT_SCORE.test(plain) && numeric && inUnit(texts)) return 'confidence';
  }
  if (LABEL_TIME.test(plain) && (times >= TIME_SHARE || texts.length === 0)) return 'label-time';
  const role = named.find(({ pattern }) => pattern.test(plain))?.role ?? null;
  if (role === 'request-id') return distinct > texts.length / 2 ? role : null;
  if (role === 'row-in-request' || role === 'weight') return numeric ? role : null;
  if (role === 'confidence' || role === 'sampling-fraction') return numeric && inUnit(texts) ? role : null;
  if (role !== null) return role;
  if (numeric && LATENCY.test(plain)) return 'latency';
  return numeric && RESOURCE.test(plain) ? 'resource' : null;
}

/** Whether a field is the id of requests of several rows: nearly as many ids as rows that begin one. */
function namesRequests({ plain, texts, distinct }: Known, row: Known): boolean {
  const begun = row.texts.filter((text) => Number(text) === 0).length;
  const requests = texts.length - row.texts.length + begun;
  return REQUEST_ID.test(plain) && distinct > requests / 2;
}

/** The one value that a model gave, whatever its name, such as that of a tensor: a class, where it is no share of 1. */
function onlyOutput(fields: readonly Known[]): Known | null {
  const given = fields.filter(({ sampled }) => OUTPUTS.test(plainName(sampled.path[0] ?? '')));
  const [field] = given;
  return given.length === 1 && !(field.numeric && inUnit(field.texts)) ? field : null;
}

/** The unit at the end of a name; null where it says none. */
function unitInName(name: string): LogUnit | null {
  if (/(_|\b)(ms|millis|milliseconds?|msec)$/.test(name)) return 'ms';
  if (/(_|\b)(us|micros|microseconds?|usec)$/.test(name)) return 'us';
  if (/(_|\b)(ns|nanos?|nanoseconds?|nsec|unix_?nano)$/.test(name)) return 'ns';
  return /(_|\b)(s|sec|secs|seconds?)$/.test(name) ? 's' : null;
}

function featureType({ texts, distinct, numeric }: Known): LogColumnType {
  if (numeric) return 'number';
  const length = texts.reduce((sum, text) => sum + text.length, 0) / Math.max(1, texts.length);
  return length > TEXT_LENGTH || (distinct > CATEGORY_LEVELS && distinct > texts.length / 2)
    ? 'text'
    : 'category';
}

/** Scores of classes: numbers from 0 to 1 under names like `p_stop`, `scores.stop`; at least two of them. */
function scoresAmong(fields: readonly Known[], classes: ReadonlySet<string>): Map<Known, string> {
  const found = new Map<Known, string>();
  for (const field of fields) {
    const { path } = field.sampled;
    const last = path[path.length - 1];
    const name = path.length > 1 ? `${plainName(path[path.length - 2])}.${last}` : last;
    const match = SCORE.exec(name) ?? SCORE.exec(last) ?? SCORE_LIST.exec(name);
    if (match !== null && field.numeric && inUnit(field.texts)) found.set(field, match[2]);
  }
  const known = [...found.values()].some((name) => classes.has(name));
  return found.size >= 2 && found.size <= MOST_SCORES && (known || found.size >= 3 || classes.size === 0)
    ? found
    : new Map<Known, string>();
}

/** The field that holds the time of the request: by name, else the first that is a time in every row and names its day. */
function timeAmong(fields: readonly Known[], taken: ReadonlySet<Known>): Known | null {
  const times = fields.filter((field) => field.times >= TIME_SHARE && !taken.has(field));
  return (
    times.find(({ plain }) => TIME_NAME.test(plain)) ??
    times.find(({ numeric }) => !numeric) ??
    times.find(({ plain }) => /time|date|(^|_)ts(_|$)|(_|^)at$/.test(plain)) ??
    null
  );
}

/** What each field of a log is taken for, by its name and the values of the first records. */
export function proposeFields(sampled: readonly SampledField[]): LogFieldProposal[] {
  const fields = sampled.map(look);
  const roles = new Map<Known, LogFieldRole>();
  const given = new Set<LogFieldRole>();
  const give = (field: Known, role: LogFieldRole): void => {
    if (singleRoles.has(role) && given.has(role)) return;
    if (role === 'weight' && given.has('sampling-fraction')) return;
    roles.set(field, role);
    given.add(role);
  };
  for (const field of fields) if (byName(field) === 'label-time') give(field, 'label-time');
  const time = timeAmong(fields, new Set(roles.keys()));
  if (time !== null) give(time, 'time');
  for (const field of fields) {
    const role = roles.has(field) ? null : byName(field);
    if (role !== null && role !== 'label-time') give(field, role);
  }
  const row = fields.find((field) => roles.get(field) === 'row-in-request');
  const id = row === undefined ? undefined : fields.find((field) => namesRequests(field, row));
  if (id !== undefined && (roles.get(id) ?? null) === null) give(id, 'request-id');
  const only = onlyOutput(fields);
  if (only !== null && !roles.has(only)) give(only, 'predicted');
  const predicted = fields.find((field) => roles.get(field) === 'predicted');
  const scores = scoresAmong(
    fields.filter((field) => !roles.has(field)),
    new Set(predicted?.texts ?? []),
  );
  for (const field of scores.keys()) roles.set(field, 'score');
  return fields.map((field): LogFieldProposal => {
    const role = roles.get(field) ?? 'feature';
    const { path, values } = field.sampled;
    return {
      path: [...path],
      name: nameOfPath(path),
      role,
      type: typeOfField({ role, type: featureType(field) }),
      // The size of a time that is a number tells its unit, whichever part of the log it stands in.
      unit: role === 'latency' ? unitInName(field.plain) : null,
      class: scores.get(field) ?? null,
      examples: values.slice(0, EXAMPLES).map((value) => String(value ?? '').slice(0, EXAMPLE_LENGTH)),
    };
  });
}

/** What an analyst should look at in a proposal. */
export function mappingProblems(fields: readonly LogFieldProposal[]): string[] {
  const problems: string[] = [];
  const has = (role: LogFieldRole): boolean => fields.some((field) => field.role === role);
  const scores = fields.filter((field) => field.role === 'score').length;
  if (!has('time'))
    problems.push(
      'No field looks like the time of the request. Choose it; without it nothing can be imported.',
    );
  if (!has('predicted') && scores < 2)
    problems.push(
      'No field looks like the predicted class. Choose it, or the predictions cannot be watched.',
    );
  if (!has('request-id'))
    problems.push('No field looks like a request id; requests are named by their file and line.');
  for (const field of fields)
    if (field.role === 'latency' && field.unit === null)
      problems.push(
        `${JSON.stringify(field.name)} is taken for a latency in milliseconds, because its name says no unit.`,
      );
  return problems;
}
