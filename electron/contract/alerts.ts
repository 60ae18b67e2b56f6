import { z } from 'zod';

const whole = z.number().int();

/** From least to most. Only monitors inside the shared budget of false alarms go beyond `warning`. */
export const Severity = z.enum(['info', 'warning', 'error', 'critical']);
export type Severity = z.infer<typeof Severity>;

export const AlertKind = z.enum(['attack-like', 'drift', 'performance', 'quality']);
export type AlertKind = z.infer<typeof AlertKind>;

export const AlertState = z.enum(['open', 'acknowledged', 'closed']);
export type AlertState = z.infer<typeof AlertState>;

/** One condition of a subgroup in words and in parts: a level of a categorical column, or a half-open interval of a number. */
const Condition = z.object({
  column: z.string(),
  level: z.string().nullable(),
  /** Null: open. `from` is inclusive, `to` exclusive. */
  from: z.number().nullable(),
  to: z.number().nullable(),
});

/** The part of the requests that explains an alert. */
const Subgroup = z.object({
  sentence: z.string(),
  conditions: z.array(Condition),
  rows: whole,
  /** Rows that the baseline makes one expect. */
  expected: z.number(),
  score: z.number(),
  /** By permutation of the maximum. */
  pValue: z.number().nullable(),
});
type Subgroup = z.infer<typeof Subgroup>;

/** A reason of the reading 'attack or weather', with its number. */
const Reason = z.object({
  sentence: z.string(),
  towards: z.enum(['attack', 'weather', 'neither']),
  value: z.number().nullable(),
  pValue: z.number().nullable(),
});

/** What a run found: raised once, extended while windows alarm, one entry. */
export const Episode = z.object({
  monitor: z.string(),
  monitorTitle: z.string(),
  /** What it is about: the class, column, or 'several'. */
  subject: z.string(),
  subjectKind: z.enum(['class', 'column', 'model', 'log']),
  kind: AlertKind,
  severity: Severity,
  /** First raise, log time. */
  timeMs: z.number(),
  windowStartMs: z.number(),
  windowEndMs: z.number(),
  onsetMs: z.number(),
  /** Onsets that the evidence does not tell from the best one. */
  onsetFromMs: z.number().nullable(),
  onsetToMs: z.number().nullable(),
  /** Windows still alarm where the log ends. */
  ongoing: z.boolean(),
  /** Relative rise or distance, with its 95 % interval where there is one. */
  effect: z.object({
    name: z.string(),
    value: z.number(),
    low: z.number().nullable(),
    high: z.number().nullable(),
  }),
  pValue: z.number().nullable(),
  eValue: z.number().nullable(),
  explanation: z.string(),
  reasons: z.array(Reason),
  subgroup: Subgroup.nullable(),
  /** Requests that caused it. */
  rows: whole,
});
export type Episode = z.infer<typeof Episode>;

/** An episode and what was made of it. Runs that see the same episode again add to the same alert. */
export const Alert = Episode.extend({
  id: whole,
  /** The run that is shown: the one asked for, else the newest that saw it. */
  run: whole,
  state: AlertState,
  incident: whole.nullable(),
  /** When Bezoar first knew of it, by the clock of this machine. */
  foundAtMs: z.number(),
  notes: whole,
});
export type Alert = z.infer<typeof Alert>;

/** What was done about an alert or an incident. */
const LogbookEntry = z.object({
  atMs: z.number(),
  who: z.string(),
  action: z.enum([
    'acknowledge',
    'close',
    'reopen',
    'note',
    'link',
    'unlink',
    'step-done',
    'step-undone',
    'open',
  ]),
  text: z.string(),
});

/** A step of the response, with who did it and when. */
const ResponseStep = z.object({
  id: z.string(),
  title: z.string(),
  advice: z.string(),
  done: z.object({ by: z.string(), atMs: z.number(), note: z.string() }).nullable(),
});

export const AlertDetail = Alert.extend({
  logbook: z.array(LogbookEntry),
  response: z.array(ResponseStep),
  /** When somebody else is to be told, by the severity's escalation times; null once it is acknowledged or closed. */
  escalateAtMs: z.number().nullable(),
  /** Runs that saw it, newest first. */
  runs: z.array(whole),
});
export type AlertDetail = z.infer<typeof AlertDetail>;

/** A request in the case: a log and its row there, in order of time. */
const LogRequest = z.object({ log: whole, row: whole.min(0) });
export type LogRequest = z.infer<typeof LogRequest>;

/** A request of an alert, most suspicious first. */
const AlertRow = z.object({
  rank: whole,
  /** Null for a request of a followed log, which is not in the case. */
  request: LogRequest.nullable(),
  requestId: z.string().nullable(),
  timeMs: z.number(),
  score: z.number().nullable(),
});
export type AlertRow = z.infer<typeof AlertRow>;

export const Incident = z.object({
  id: whole,
  title: z.string(),
  openedAtMs: z.number(),
  openedBy: z.string(),
  closedAtMs: z.number().nullable(),
  closedBy: z.string().nullable(),
  alerts: z.array(whole),
  /** Requests that were linked by hand. */
  requests: z.array(LogRequest),
  logbook: z.array(LogbookEntry),
});
export type Incident = z.infer<typeof Incident>;

/** A preset: a customary rule under its name. It shows, and alarms only when it is switched on, `warning` at most. */
const PresetRule = z.object({
  id: z.string(),
  title: z.string(),
  on: z.boolean(),
  severity: z.enum(['info', 'warning']),
  thresholds: z.array(z.object({ name: z.string(), value: z.number(), unit: z.string() })),
});

export const MonitorRules = z.object({
  /** Raises of one monitor on one subject that come within this time of an ended episode extend it, minutes. */
  coolDownMinutes: z.number().min(0).max(10_080),
  /** Severity of the default alarm by the kind that it reads; null: as it grades the alert itself. */
  severities: z.object({ attackLike: Severity.nullable(), drift: Severity.nullable() }),
  presets: z.array(PresetRule),
  /** Minutes until somebody else is to be told, by severity. Null: never. */
  escalation: z.array(z.object({ severity: Severity, minutes: z.number().min(1).nullable() })),
});
export type MonitorRules = z.infer<typeof MonitorRules>;

const alert = whole;
const incident = whole;
const text = z.string().trim().max(4000);

export const alertCalls = {
  /** Newest raise first. `run` null: of every run, each episode once. */
  'alert/list': { params: z.object({ run: whole.nullable() }), result: z.array(Alert) },
  'alert/get': { params: z.object({ alert }), result: AlertDetail },
  /** Its first requests by rank, from 0: of the run asked for, null: of the newest. At most 20,000 are kept. */
  'alert/rows': {
    params: z.object({ alert, run: whole.nullable(), offset: whole.min(0), limit: whole.min(1).max(5000) }),
    result: z.object({ rows: z.array(AlertRow), total: whole }),
  },
  'alert/acknowledge': { params: z.object({ alert, note: text }), result: AlertDetail },
  'alert/close': { params: z.object({ alert, note: text }), result: AlertDetail },
  'alert/reopen': { params: z.object({ alert, note: text }), result: AlertDetail },
  'alert/note': { params: z.object({ alert, text: text.min(1) }), result: AlertDetail },
  /** Records a step of the response as done, or takes that back. */
  'alert/step': {
    params: z.object({ alert, step: z.string(), done: z.boolean(), note: text }),
    result: AlertDetail,
  },
  'incident/list': { params: z.object({}), result: z.array(Incident) },
  'incident/open': {
    params: z.object({ title: z.string().trim().min(1).max(200), alerts: z.array(alert) }),
    result: Incident,
  },
  'incident/close': { params: z.object({ incident, note: text }), result: Incident },
  'incident/reopen': { params: z.object({ incident, note: text }), result: Incident },
  'incident/note': { params: z.object({ incident, text: text.min(1) }), result: Incident },
  /** An alert belongs to one incident at most. */
  'incident/link': {
    params: z.object({ incident, alerts: z.array(alert), requests: z.array(LogRequest).max(100_000) }),
    result: Incident,
  },
  'incident/unlink': {
    params: z.object({ incident, alerts: z.array(alert), requests: z.array(LogRequest).max(100_000) }),
    result: Incident,
  },
  'rules/get': { params: z.object({}), result: MonitorRules },
  'rules/set': { params: z.object({ rules: MonitorRules }), result: MonitorRules },
} as const;
