import { requireBaseline } from '../monitor/stored-baseline.ts';
import { defineMonitoringExport } from './export.ts';

/** A baseline for another case or another program: docs/schemas/baseline.schema.json. */
export const baselineJson = defineMonitoringExport({
  kind: 'baseline-json',
  pieces: function* ({ caseFile, of, atMs, version }) {
    const baseline = requireBaseline(caseFile, of);
    const profile = caseFile.baselines.profile(of);
    const reference = caseFile.baselines.reference(of);
    const { name, version: number, model, modelVersion, fromMs, toMs, rows, days, notes } = baseline;
    yield `${JSON.stringify(
      {
        format: 'bezoar-baseline',
        formatVersion: 1,
        bezoar: version,
        exportedAt: new Date(atMs).toISOString(),
        name,
        version: number,
        model,
        modelVersion,
        from: fromMs === null ? null : new Date(fromMs).toISOString(),
        to: toMs === null ? null : new Date(toMs).toISOString(),
        rows,
        days,
        notes,
        selfCheck: baseline.selfCheck,
        profile,
        reference,
      },
      null,
      1,
    )}\n`;
  },
});
