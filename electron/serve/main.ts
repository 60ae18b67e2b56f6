import { BezoarError } from '../contract/errors.ts';
import { serveCommand } from './serve-command.ts';

try {
  await serveCommand(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  process.stderr.write(`bezoar: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof BezoarError ? 2 : 1);
}
