import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Job } from '../../contract/jobs.ts';
import { isAlive } from './process-alive.ts';

const Grant = z.object({ token: z.string(), path: z.string(), mode: z.enum(['read', 'write']) });
export type JournalGrant = z.infer<typeof Grant>;

const Entry = z.object({
  /** The case's path. */
  case: z.string(),
  call: z.string(),
  params: z.unknown(),
  /** The files that the parameters name. */
  grants: z.array(Grant),
  job: Job,
});
const Journal = z.object({ entries: z.array(Entry) });

/** A call whose job an engine did not live to finish. */
interface InterruptedCall {
  readonly call: string;
  readonly params: unknown;
  readonly grants: readonly JournalGrant[];
}

/**
 * What this process has under way, in a file that outlives it: `userData/jobs/PID.json`. The next engine shows what a
 * dead one left as interrupted jobs of the case, and runs the same call again when asked.
 */
export interface JobJournal {
  started(casePath: string, call: string, params: unknown, grants: JournalGrant[], job: Job): void;
  ended(job: string): void;
  /** Takes over what dead processes left of this case. Returns the titles. */
  adopt(casePath: string): string[];
  /** Forgets the jobs shown: another case is opened. */
  forget(): void;
  interrupted(): readonly Job[];
  /** Hands an interrupted call over to be run again; null when the id is not one. */
  take(job: string): InterruptedCall | null;
  close(): void;
}

export function openJobJournal(userData: string, alive: (pid: number) => boolean = isAlive): JobJournal {
  const folder = join(userData, 'jobs');
  const file = join(folder, `${process.pid}.json`);
  const running = new Map<string, z.infer<typeof Entry>>();
  let adopted = new Map<string, z.infer<typeof Entry>>();

  const save = (): void => {
    const entries = [...running.values(), ...adopted.values()];
    quietly(() => {
      if (entries.length === 0) {
        rmSync(file, { force: true });
        return;
      }
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${file}.part`, JSON.stringify({ entries }));
      renameSync(`${file}.part`, file);
    });
  };

  return {
    started: (casePath, call, params, grants, job) => {
      running.set(job.id, { case: casePath, call, params, grants, job });
      save();
    },
    ended: (job) => {
      if (running.delete(job)) save();
    },
    adopt: (casePath) => {
      for (const name of leftBehind(folder, alive)) {
        const path = join(folder, name);
        const pid = Number.parseInt(name, 10);
        const others: z.infer<typeof Entry>[] = [];
        for (const entry of readJournal(path)) {
          if (entry.case !== casePath) {
            others.push(entry);
            continue;
          }
          const id = entry.job.state === 'interrupted' ? entry.job.id : `interrupted-${pid}-${entry.job.id}`;
          adopted.set(id, { ...entry, job: interruptedJob(entry.job, id) });
        }
        quietly(() => {
          if (others.length === 0) rmSync(path, { force: true });
          else writeFileSync(path, JSON.stringify({ entries: others }));
        });
      }
      save();
      return [...adopted.values()].map((entry) => entry.job.title);
    },
    forget: () => {
      adopted = new Map();
      save();
    },
    interrupted: () => [...adopted.values()].map((entry) => entry.job),
    take: (job) => {
      const entry = adopted.get(job);
      if (entry === undefined) return null;
      adopted.delete(job);
      save();
      return { call: entry.call, params: entry.params, grants: entry.grants };
    },
    close: () => {
      quietly(() => {
        rmSync(file, { force: true });
      });
    },
  };
}

/** The journal is a convenience: a folder that cannot be written must not keep a job from running. */
function quietly(write: () => void): void {
  try {
    write();
  } catch {
    return;
  }
}

function interruptedJob(job: Job, id: string): Job {
  return {
    ...job,
    id,
    state: 'interrupted',
    estimateSeconds: null,
    endedAtMs: job.endedAtMs ?? Date.now(),
    failure: {
      code: 'engine/lost',
      sentence: 'Bezoar’s engine stopped while this was under way. Nothing of it was kept. Run it again.',
    },
  };
}

/** Journals of processes that are gone; a number taken by another program only delays the message. */
function leftBehind(folder: string, alive: (pid: number) => boolean): string[] {
  try {
    return readdirSync(folder).filter((name) => {
      const pid = Number.parseInt(name, 10);
      return name === `${pid}.json` && pid !== process.pid && !alive(pid);
    });
  } catch {
    return [];
  }
}

function readJournal(path: string): z.infer<typeof Entry>[] {
  try {
    return Journal.parse(JSON.parse(readFileSync(path, 'utf8'))).entries;
  } catch {
    // Half a journal says nothing that the case does not say itself.
    return [];
  }
}
