import { z } from 'zod';
import { CaseState } from './case.ts';
import { Following } from './following.ts';
import { Job } from './jobs.ts';

/** What of the case changed, so that views ask again. */
export const Subject = z.enum([
  'evidence',
  'logs',
  'scans',
  'maps',
  'clusterings',
  'corroborations',
  'verdicts',
  'seen',
  'notes',
  'exports',
  'baselines',
  'monitors',
  'alerts',
  'incidents',
  'audit',
]);
export type Subject = z.infer<typeof Subject>;

/** What the engine tells without being asked. */
export const events = {
  case: CaseState.nullable(),
  jobs: z.array(Job),
  changed: z.object({ subjects: z.array(Subject) }),
  /** A map that a job is drawing has moved: its points can be asked for anew. */
  moving: z.object({ job: z.string(), epoch: z.number().int(), epochs: z.number().int() }),
  /** Logs that are followed, as they are now: told while they are, and at each change of a state. */
  following: z.array(Following),
  /** The engine process: `lost` while it is being restarted, `ready` when it answers again. */
  engine: z.object({ state: z.enum(['ready', 'lost']), sentence: z.string() }),
} as const;

export type Topic = keyof typeof events;
export type EventOf<T extends Topic> = z.output<(typeof events)[T]>;
