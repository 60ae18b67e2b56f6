import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arch } from 'node:process';
import { runToEnd } from './setup/child-process.mjs';
import { FLAGS, UNITS } from './setup/native-addon.mjs';
import { recordCalls } from './native/record-calls.mjs';
import { ROOT } from './setup/prepare.mjs';

/**
 * `npm run check:native`: replays recorded calls of every kernel under the address and undefined-behaviour sanitizers for each
 * instruction set of this machine, and for arm64 under an emulator; looks that the baseline holds no wide instruction.
 * Needs g++ and binutils; `g++-aarch64-linux-gnu` and `qemu-user` for arm64.
 */
const SOURCES = join(ROOT, 'native-workers', 'addons', 'native');
const folder = mkdtempSync(join(tmpdir(), 'bezoar-native-'));
let failed = 0;

/** @param {string} line */
const say = (line) => process.stdout.write(`${line}\n`);

/**
 * @param {string} title
 * @param {() => Promise<string>} work gives what it found; throws what is wrong
 */
async function check(title, work) {
  try {
    say(`${title}: ${await work()}`);
  } catch (error) {
    failed += 1;
    say(`${title}: FAILED\n${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<string>} the last lines it wrote
 */
async function output(program, args) {
  const { code, signal, tail } = await runToEnd(program, args, {});
  if (code !== 0) throw new Error(`${program} ended with ${code ?? signal}:\n${tail}`);
  return tail.trim();
}

/** @param {string} program */
async function present(program) {
  return runToEnd(program, ['--version'], {}).then(
    ({ code }) => code === 0,
    () => false,
  );
}

/**
 * @param {{ cxx: string, unit: { file: string, flags: string[] }, flags: readonly string[], name: string }} build
 * @returns {Promise<string>} the program that replays with the unit's table
 */
async function replayer({ cxx, unit, flags, name }) {
  const program = join(folder, name);
  const table = unit.file.replace('.cc', '');
  const objects = [join(folder, `${name}-kernels.o`), join(folder, `${name}-replay.o`)];
  const base = FLAGS.filter((flag) => !['-fno-exceptions', '-fno-rtti'].includes(flag));
  await output(cxx, [...base, ...flags, ...unit.flags, '-c', join(SOURCES, unit.file), '-o', objects[0]]);
  await output(cxx, [
    ...base,
    ...flags,
    `-DTABLE=${table}`,
    '-c',
    join(SOURCES, 'replay.cc'),
    '-o',
    objects[1],
  ]);
  await output(cxx, [...flags, ...objects, '-o', program]);
  return program;
}

try {
  const records = join(folder, 'calls');
  await check('recorded calls', async () => `${await recordCalls(records)} of the engine native-baseline`);
  const features = arch === 'x64' ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  for (const unit of UNITS) {
    if (unit.file === 'module.cc') continue;
    const needed = unit.flags.map((flag) => flag.slice(2)).filter((flag) => flag !== 'fma');
    const missing = needed.filter((flag) => !features.includes(` ${flag}`));
    const title = `sanitizers, ${unit.file}`;
    if (missing.length > 0) {
      say(`${title}: left out, this processor has no ${missing.join(', ')}`);
      continue;
    }
    await check(title, async () => {
      const exact = unit.flags.length === 0 ? ['-DEXACT'] : [];
      const flags = ['-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all', ...exact];
      return output(await replayer({ cxx: 'g++', unit, flags, name: `sanitized-${unit.file}` }), [records]);
    });
  }
  const baseline = { file: 'kernels_baseline.cc', flags: [] };
  if (arch === 'x64') {
    await check('baseline', async () => {
      const object = join(folder, 'baseline.o');
      await output('g++', [...FLAGS, '-c', join(SOURCES, baseline.file), '-o', object]);
      const { code, tail } = await runToEnd(
        'sh',
        ['-c', `objdump -d ${object} | grep -m 3 -E '%[yz]mm'`],
        {},
      );
      if (code !== 1) throw new Error(`It holds wide instructions:\n${tail}`);
      return 'no wide instruction';
    });
  }
  if ((await present('aarch64-linux-gnu-g++')) && (await present('qemu-aarch64'))) {
    await check('arm64 under an emulator', async () => {
      const flags = ['-static', '-DEXACT'];
      const cxx = 'aarch64-linux-gnu-g++';
      return output('qemu-aarch64', [await replayer({ cxx, unit: baseline, flags, name: 'arm64' }), records]);
    });
  } else {
    say('arm64: left out; install g++-aarch64-linux-gnu and qemu-user');
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);
