import type { Handlers } from '../engine.ts';

export const followingHandlers = {
  'follow/start': (params, engine) => engine.followings.start(params),
  'follow/stop': ({ following }, engine) => engine.followings.stop(following),
  'follow/list': (_params, engine) => engine.followings.list(),
  'metrics/serve': async ({ port }, engine) => ({ url: await engine.followings.serveMetrics(port) }),
} satisfies Partial<Handlers>;
