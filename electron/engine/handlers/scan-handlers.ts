import type { Handlers } from '../engine.ts';
import { addCaseJob } from '../jobs/case-job.ts';
import { publishCase } from './case-handlers.ts';
import { alphaLedger } from '../scan/alpha-ledger.ts';
import { cleanBound } from '../scan/clean-bound.ts';
import { compareScans } from '../scan/compare-scans.ts';
import { flipMatrix, flipRows } from '../scan/flip-matrix.ts';
import { chosenDetectors, runScan } from '../scan/run-scan.ts';
import { classSpectrum, scoreHistogram } from '../scan/scan-charts.ts';
import { investigatedSet } from '../scan/scan-input.ts';
import { scanPlan } from '../scan/scan-plan.ts';
import { requireScan, scanDetail, scanSummary } from '../scan/stored-scan.ts';

export const scanHandlers = {
  'scan/plan': (_params, engine) => scanPlan(engine.caseFile()),
  'scan/start': (params, engine) => {
    chosenDetectors(params);
    const { rows } = investigatedSet(engine.caseFile());
    return addCaseJob(engine, {
      kind: 'scan',
      title: `Scan of ${rows.toLocaleString('en-US')} samples`,
      run: async (caseFile, job) => {
        const scan = await runScan(engine, caseFile, params, job);
        publishCase(engine, ['scans', 'maps', 'audit']);
        return scan;
      },
    });
  },
  'scan/ledger': (_params, engine) => alphaLedger(engine.caseFile()),
  'scan/list': (_params, engine) => {
    const caseFile = engine.caseFile();
    return caseFile.runs.list('scan').map((run) => scanSummary(caseFile, run));
  },
  'scan/get': ({ scan }, engine) => {
    const caseFile = engine.caseFile();
    return scanDetail(caseFile, requireScan(caseFile, scan).run);
  },
  'scan/compare': ({ a, b }, engine) => compareScans(engine.caseFile(), a, b),
  'scan/clean-bound': ({ scan, rows }, engine) => cleanBound(engine.caseFile(), scan, rows),
  'scan/flips': ({ scan }, engine) => flipMatrix(engine.caseFile(), scan),
  'scan/flip-rows': ({ scan, from, to }, engine) => ({ rows: flipRows(engine.caseFile(), scan, from, to) }),
  'scan/spectrum': ({ scan, classIndex }, engine) => classSpectrum(engine.caseFile(), scan, classIndex),
  'scan/histogram': ({ scan, detector, classIndex }, engine) =>
    scoreHistogram(engine.caseFile(), scan, detector, classIndex),
} satisfies Partial<Handlers>;
