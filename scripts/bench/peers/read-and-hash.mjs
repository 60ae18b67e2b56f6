import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

const [path = ''] = process.argv.slice(2);
const begun = performance.now();
const cpu = process.cpuUsage();
const file = openSync(path, 'r');
const hash = createHash('sha256');
const block = new Uint8Array(4 * 1024 * 1024);
let bytes = 0;
for (let got = readSync(file, block); got > 0; got = readSync(file, block)) {
  hash.update(block.subarray(0, got));
  bytes += got;
}
closeSync(file);
const sha256 = hash.digest('hex');
const wall = (performance.now() - begun) / 1000;
const used = process.cpuUsage(cpu);
process.stdout.write(
  JSON.stringify({
    wall,
    cpu: (used.user + used.system) / 1e6,
    peak: process.resourceUsage().maxRSS * 1024,
    version: `Node ${process.version}`,
    facts: { sha256, bytes },
  }),
);
