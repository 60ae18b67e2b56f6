import { BezoarError } from '../contract/errors.ts';
import { productVersion } from '../engine/create-engine.ts';
import { SERVE_USAGE, serveCommand } from '../serve/serve-command.ts';
import { COMPARE_USAGE, compareCommand } from './compare-command.ts';
import { EXPORT_USAGE, exportCommand } from './export-command.ts';
import { INSPECT_USAGE, inspectCommand } from './inspect-command.ts';
import { MONITOR_USAGE, monitorCommand } from './monitor-command.ts';
import { RELINK_USAGE, relinkCommand } from './relink-command.ts';
import { SCAN_USAGE, scanCommand } from './scan-command.ts';
import { VERIFY_USAGE, verifyCommand } from './verify-command.ts';

const USAGE = `Bezoar ${productVersion()}: finds poisoned samples in training data.

  ${SCAN_USAGE}
  ${MONITOR_USAGE}
  ${INSPECT_USAGE}
  ${SERVE_USAGE}
  ${VERIFY_USAGE}
  ${RELINK_USAGE}
  ${COMPARE_USAGE}
  ${EXPORT_USAGE}
  --help, --version

Exit codes: 0 done, 1 a mistake of Bezoar's own, a case that fails its check, or linked files that are not all there
(relink), 2 bad input or usage,
3 done with alarms (scan --fail-on-alarm, monitor --fail-on-alarm: an alert of severity error or above).
`;

async function run(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  if (rest.includes('--help')) {
    process.stdout.write(USAGE);
    return 0;
  }
  switch (command) {
    case '--help':
      process.stdout.write(USAGE);
      return 0;
    case '--version':
      process.stdout.write(`${productVersion()}\n`);
      return 0;
    case 'scan':
      return scanCommand(rest);
    case 'monitor':
      return monitorCommand(rest);
    case 'inspect':
      return inspectCommand(rest);
    case 'verify':
      return verifyCommand(rest);
    case 'relink':
      return relinkCommand(rest);
    case 'compare':
      return compareCommand(rest);
    case 'export':
      return exportCommand(rest);
    case 'serve':
      await serveCommand(rest);
      return 0;
    default:
      throw new BezoarError(
        'usage',
        command === undefined
          ? `Name a command: scan, monitor, inspect, serve, verify, relink, compare or export.\n\n${USAGE}`
          : `Bezoar does not know “${command}”. It knows scan, monitor, inspect, serve, verify, relink, compare and export; --help shows them.`,
      );
  }
}

// Whoever read along may leave (`| head`): the files are written all the same.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const expected = error instanceof BezoarError && error.code !== 'engine/bug';
  process.stderr.write(
    `bezoar: ${error instanceof Error ? (expected ? error.message : error.stack) : String(error)}\n`,
  );
  process.exitCode = expected ? 2 : 1;
}
process.exit();
