import { expect, test } from 'vitest';
import { chromiumInstallation, windowArguments } from './chromium.mjs';

test('the sandbox is left on, except for root', () => {
  const url = 'http://127.0.0.1:5000/?token=x';
  expect(windowArguments(url, '/tmp/profile', false)).toContain(`--app=${url}`);
  expect(windowArguments(url, '/tmp/profile', false)).toContain('--user-data-dir=/tmp/profile');
  expect(windowArguments(url, '/tmp/profile', false)).not.toContain('--no-sandbox');
  expect(windowArguments(url, '/tmp/profile', true)).toContain('--no-sandbox');
});

test.each([
  ['NAME="Debian GNU/Linux"\nID=debian\n', 'apt-get install', true],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'snap install', false],
  ['ID=ubuntu\nID_LIKE=debian\n', 'snap install', false],
  ['ID="fedora"\n', 'dnf install', false],
  ['', 'package manager', false],
])('the way to a Chromium (%#)', (release, command, byUs) => {
  const way = chromiumInstallation(release, 'linux');
  expect(way.command).toContain(command);
  expect(way.byUs).toBe(byUs);
});
