import type { ExportKind, MonitoringExportKind } from '../../contract/exports.ts';
import { alertsJson } from './alerts-json.ts';
import { baselineJson } from './baseline-json.ts';
import type { Export, MonitoringExport } from './export.ts';
import { manifest } from './manifest.ts';
import { poisonCsv } from './poison-csv.ts';
import { poisonJson } from './poison-json.ts';
import { report } from './report.ts';
import { suspectsCsv } from './suspects-csv.ts';

/** Every export by its kind. */
export const exports: Readonly<Record<ExportKind, Export>> = {
  'poison-csv': poisonCsv,
  'poison-json': poisonJson,
  manifest,
  report,
  'suspects-csv': suspectsCsv,
};

/** Every export of the monitoring. */
export const monitoringExports: Readonly<Record<MonitoringExportKind, MonitoringExport>> = {
  'alerts-json': alertsJson,
  'baseline-json': baselineJson,
};
