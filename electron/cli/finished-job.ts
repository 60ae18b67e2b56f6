import { BezoarError } from '../contract/errors.ts';
import type { EngineInstance } from '../engine/create-engine.ts';

/** Waits for a job. @throws BezoarError what the job failed with */
export async function finished(engine: EngineInstance, id: string): Promise<number | null> {
  const job = await engine.jobs.ended(id);
  if (job.state === 'done') return job.result;
  if (job.failure === null || job.failure.code === 'engine/bug')
    throw new Error(job.failure?.sentence ?? `${job.title} was ${job.state}`);
  throw new BezoarError(job.failure.code as BezoarError['code'], job.failure.sentence);
}
