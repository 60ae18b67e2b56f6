import type { Handlers } from '../engine.ts';
import { alertHandlers } from './alert-handlers.ts';
import { baselineHandlers } from './baseline-handlers.ts';
import { caseHandlers } from './case-handlers.ts';
import { comparisonHandlers } from './comparison-handlers.ts';
import { drillHandlers } from './drill-handlers.ts';
import { evidenceHandlers } from './evidence-handlers.ts';
import { exportHandlers } from './export-handlers.ts';
import { followingHandlers } from './following-handlers.ts';
import { jobHandlers } from './job-handlers.ts';
import { logHandlers } from './log-handlers.ts';
import { mapHandlers } from './map-handlers.ts';
import { monitorHandlers } from './monitor-handlers.ts';
import { sampleHandlers } from './sample-handlers.ts';
import { scanHandlers } from './scan-handlers.ts';
import { scoreHandlers } from './score-handlers.ts';
import { settingsHandlers } from './settings-handlers.ts';
import { structureHandlers } from './structure-handlers.ts';
import { traitsHandlers } from './traits-handlers.ts';

/** Every method of the contract with what answers it. */
export const handlers: Handlers = {
  ...caseHandlers,
  ...evidenceHandlers,
  ...sampleHandlers,
  ...scoreHandlers,
  ...scanHandlers,
  ...logHandlers,
  ...mapHandlers,
  ...exportHandlers,
  ...jobHandlers,
  ...settingsHandlers,
  ...structureHandlers,
  ...traitsHandlers,
  ...alertHandlers,
  ...baselineHandlers,
  ...monitorHandlers,
  ...followingHandlers,
  ...drillHandlers,
  ...comparisonHandlers,
};
