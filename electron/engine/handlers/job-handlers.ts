import type { Handlers } from '../engine.ts';

export const jobHandlers = {
  'job/list': (_params, engine) => engine.jobs.list(),
  'job/cancel': ({ job }, engine) => {
    engine.jobs.cancel(job);
    return {};
  },
  'job/retry': ({ job }, engine) => ({ job: engine.jobs.retry(job) }),
  'audit/page': ({ before, limit }, engine) => engine.caseFile().audit.page(before, limit),
  'audit/verify': (_params, engine) => engine.caseFile().audit.verify(),
} satisfies Partial<Handlers>;
