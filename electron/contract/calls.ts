import type { z } from 'zod';
import { alertCalls } from './alerts.ts';
import { baselineCalls } from './baselines.ts';
import { caseCalls } from './case.ts';
import { comparisonCalls } from './comparison.ts';
import { drillCalls } from './drills.ts';
import { evidenceCalls } from './evidence.ts';
import { exportCalls } from './exports.ts';
import { followingCalls } from './following.ts';
import { jobCalls } from './jobs.ts';
import { logCalls } from './logs.ts';
import { mapCalls } from './maps.ts';
import { modelCalls } from './models.ts';
import { monitorCalls } from './monitor.ts';
import { sampleCalls } from './samples.ts';
import { scanCalls } from './scan.ts';
import { settingsCalls } from './settings.ts';
import { traitsCalls } from './traits.ts';

/** Everything the renderer can ask the engine: name, parameters, result. */
export const calls = {
  ...caseCalls,
  ...evidenceCalls,
  ...sampleCalls,
  ...scanCalls,
  ...logCalls,
  ...mapCalls,
  ...modelCalls,
  ...exportCalls,
  ...jobCalls,
  ...settingsCalls,
  ...traitsCalls,
  ...alertCalls,
  ...baselineCalls,
  ...monitorCalls,
  ...followingCalls,
  ...drillCalls,
  ...comparisonCalls,
} as const;

export type CallName = keyof typeof calls;
export type Params<N extends CallName> = z.output<(typeof calls)[N]['params']>;
export type Result<N extends CallName> = z.output<(typeof calls)[N]['result']>;
