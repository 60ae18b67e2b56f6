import type { CallName, Params, Result } from '../contract/calls.ts';
import type { EventOf, Topic } from '../contract/events.ts';
import type { CaseFile } from './case/case-file.ts';
import type { FileGrants } from './file-grants.ts';
import type { StartDecoder } from './ingest/images/decoder-process.ts';
import type { JobQueue } from './jobs/job-queue.ts';
import type { WorkerPool } from './jobs/worker-pool.ts';
import type { MovingMaps } from './maps/moving-maps.ts';
import type { Followings } from './monitor/follow/followings.ts';

/** What a handler works with. One engine holds at most one open case. */
export interface Engine {
  readonly userData: string;
  readonly version: string;
  readonly grants: FileGrants;
  readonly pool: WorkerPool;
  readonly jobs: JobQueue;
  readonly moving: MovingMaps;
  readonly followings: Followings;
  /** Starts a process that decodes images and may die of one. */
  readonly startDecoder: StartDecoder;
  /** The open case. @throws BezoarError case/not-open */
  caseFile(): CaseFile;
  caseOrNull(): CaseFile | null;
  /** Puts another case (or none) in place of the open one, which is closed first. */
  replaceCase(next: CaseFile | null): void;
  publish<T extends Topic>(topic: T, payload: EventOf<T>): void;
}

export type Handler<N extends CallName> = (
  params: Params<N>,
  engine: Engine,
) => Result<N> | Promise<Result<N>>;
export type Handlers = { readonly [N in CallName]: Handler<N> };
