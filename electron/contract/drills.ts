import { z } from 'zod';
import { Sensitivity } from './monitor.ts';

const whole = z.number().int();
const run = whole;
const seed = whole.min(0).max(4_294_967_295);

export const DrillAttack = z.enum([
  'burst',
  'low-and-slow',
  'calibrated-confidence',
  'cheap-latency',
  'common-feature',
]);
export type DrillAttack = z.infer<typeof DrillAttack>;

/** What one monitor made of one simulated attack. */
const DrillLine = z.object({
  attack: DrillAttack,
  monitor: z.string(),
  monitorTitle: z.string(),
  repeats: whole,
  /** Share of the repeats in which it alarmed on the attack, with a 95 % interval. */
  power: z.number(),
  powerLower: z.number(),
  powerUpper: z.number(),
  /** Hours from the first attacking request to the alarm: mean and median over the repeats that found it. */
  meanHours: z.number().nullable(),
  medianHours: z.number().nullable(),
  /** Share of the clean repeats with an alarm, and alarms a year. */
  falsePositiveRate: z.number(),
  falseAlarmsPerYear: z.number(),
  /** Share of the finds that were read as attack-like; null for monitors that read nothing. */
  readAsAttack: z.number().nullable(),
});

export const Drill = z.object({
  id: run,
  startedAtMs: z.number(),
  startedBy: z.string(),
  milliseconds: z.number(),
  baseline: whole,
  seed: whole,
  repeats: whole,
  days: whole,
  targetClass: z.string(),
  attacks: z.array(z.object({ attack: DrillAttack, sentence: z.string(), requestsPerDay: z.number() })),
  lines: z.array(DrillLine),
  notes: z.array(z.string()),
});
export type Drill = z.infer<typeof Drill>;

export const drillCalls = {
  /** A job: attacks simulated on the analyst's own log, resampled by whole days. */
  'drill/start': {
    params: z.object({
      baseline: whole,
      logs: z.array(whole).min(1),
      attacks: z.array(DrillAttack).min(1),
      /** The class that the attack is after; null takes one of middling size. */
      targetClass: z.string().nullable(),
      repeats: whole.min(2).max(200),
      days: whole.min(1).max(60),
      sensitivity: Sensitivity,
      seed,
    }),
    result: z.object({ job: z.string() }),
  },
  'drill/list': { params: z.object({}), result: z.array(Drill) },
  'drill/get': { params: z.object({ drill: run }), result: Drill },
} as const;
