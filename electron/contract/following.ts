import { z } from 'zod';
import { Severity } from './alerts.ts';
import { FileToken } from './case.ts';
import { LogMapping } from './logs.ts';
import { Sensitivity } from './monitor.ts';

const whole = z.number().int();
const seed = whole.min(0).max(4_294_967_295);

/** A log that is being followed. */
export const Following = z.object({
  id: z.string(),
  name: z.string(),
  baseline: whole,
  /** The run that its alerts belong to. */
  run: whole,
  state: z.enum(['following', 'waiting', 'stopped', 'failed']),
  startedAtMs: z.number(),
  events: whole,
  badLines: whole,
  /** Newest request in log time, and how far behind the end of the file it was read, bytes. */
  lastTimeMs: z.number().nullable(),
  behindBytes: z.number(),
  eventsPerSecond: z.number(),
  windowsClosed: whole,
  alerts: whole,
  /** Strongest present evidence over what alarms, in logarithms; null before the first window has closed. */
  evidence: z.number().nullable(),
  sentence: z.string(),
});
export type Following = z.infer<typeof Following>;

export const followingCalls = {
  /** Follows a growing log file, or the newest files of a folder, until it is stopped or the case is closed. */
  'follow/start': {
    params: z.object({
      source: FileToken,
      baseline: whole,
      /** How its lines are read; null: as the log that the baseline was made of. */
      mapping: LogMapping.nullable(),
      sensitivity: Sensitivity,
      seed,
      /** From the first line that is there, or only what comes from now on. */
      fromStart: z.boolean(),
      /** Appends every alert as a line of JSON to this file. */
      alertsFile: FileToken.nullable(),
      /** Posts every alert here: the only thing that ever leaves the machine, and only when it is named. */
      webhook: z
        .url({ protocol: /^https?$/ })
        .max(2000)
        .nullable(),
      /** Raises of at least this severity are told. */
      tellFrom: Severity,
    }),
    result: Following,
  },
  'follow/stop': { params: z.object({ following: z.string() }), result: Following },
  'follow/list': { params: z.object({}), result: z.array(Following) },
  /** Serves metrics in Prometheus text format on 127.0.0.1; port 0 takes a free one. Null stops. */
  'metrics/serve': {
    params: z.object({ port: whole.min(0).max(65_535).nullable() }),
    result: z.object({ url: z.string().nullable() }),
  },
} as const;
