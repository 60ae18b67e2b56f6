import { ROOT } from './setup/prepare.mjs';
import { addonPath, buildAddon } from './setup/native-addon.mjs';
import { createSteps } from './setup/steps.mjs';

/** Compiles the kernels' addon again: for whoever works on them. */
await buildAddon(ROOT, createSteps());
process.stdout.write(`${addonPath(ROOT)}\n`);
