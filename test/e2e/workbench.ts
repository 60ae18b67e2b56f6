import { _electron, test as base, chromium, expect } from '@playwright/test';
import type { Page } from '@playwright/test';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const repository = resolve(import.meta.dirname, '..', '..');

export interface HostOptions {
  readonly hostKind: 'serve' | 'electron';
  readonly webgl: boolean;
}

/** A started Bezoar with its window, whichever host it runs under. */
export interface Workbench {
  readonly page: Page;
  /** The folder that the serve host shows; cases and dropped files of the test lie here. */
  readonly folder: string;
  /** Drops real files on the middle of the window. */
  drop(paths: readonly string[]): Promise<void>;
  /** Asks for a new case, by its button or otherwise, and answers whatever asks where it goes. */
  newCase(name: string, ask?: () => Promise<void>): Promise<void>;
  /** Runs what writes an export and gives its bytes. */
  exported(act: () => Promise<void>, name: string): Promise<Buffer>;
  /** Closes the window and the program, and starts both again on that case. */
  restart(casePath: string): Promise<void>;
  /** Ends the engine's process as a crash would: at once. */
  killEngine(): Promise<void>;
}

interface Started {
  readonly page: Page;
  /** Makes the next native save dialog answer with that path; the serve host has no native dialog. */
  answerSave(path: string): Promise<void>;
  /** Process id of the engine that is up now. */
  enginePid(): Promise<number>;
  close(): Promise<void>;
}

interface StartOptions {
  readonly options: HostOptions;
  readonly userData: string;
  readonly folder: string;
  readonly args: readonly string[];
  readonly complaints: string[];
}

// --use-angle=swiftshader: the software context that a headless run keeps; see --disable-3d-apis for the run without.
function chromiumArguments(webgl: boolean): string[] {
  const common = [
    '--no-sandbox',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ];
  return webgl
    ? [...common, '--use-angle=swiftshader', '--enable-unsafe-swiftshader']
    : [...common, '--disable-3d-apis'];
}

/** Whatever the console or the content security policy complains of ends up in the list; a test fails on any. */
function listenForComplaints(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content Security Policy/i.test(message.text()))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('The child has no standard output.');
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('{')) return line;
  throw new Error('The serve host ended before it named its address.');
}

/** The process whose parent that is; the serve host has one child, the engine. */
async function childOf(parent: number | undefined): Promise<number> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    // 'pid (name) state parent …'; the name may hold anything.
    const [, above] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(above) === parent) return Number(name);
  }
  throw new Error(`Process ${parent} has no child.`);
}

async function startServe({ options, userData, folder, args, complaints }: StartOptions): Promise<Started> {
  const child = spawn(
    process.execPath,
    [join(repository, 'out/main/serve.js'), '--port', '0', '--root', folder, ...args],
    {
      env: { ...process.env, BEZOAR_USER_DATA: userData },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = new Promise((done) => child.once('exit', done));
  const { url } = JSON.parse(await firstLine(child)) as { url: string };
  const browser = await chromium.launch({
    executablePath: process.env.BEZOAR_CHROMIUM ?? '/usr/bin/chromium',
    args: chromiumArguments(options.webgl),
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, acceptDownloads: true });
  listenForComplaints(page, complaints);
  await page.goto(url);
  return {
    page,
    answerSave: () => Promise.resolve(),
    enginePid: () => childOf(child.pid),
    close: async () => {
      // As a person closes a window: the page hears of it, and what it last says is heard.
      const closed = page.waitForEvent('close');
      await page.close({ runBeforeUnload: true });
      await closed;
      await browser.close();
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function startElectron({ userData, args, complaints }: StartOptions): Promise<Started> {
  const app = await _electron.launch({
    executablePath: process.env.BEZOAR_ELECTRON,
    args: [repository, '--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', ...args],
    env: { ...process.env, BEZOAR_USER_DATA: userData },
  });
  const page = await app.firstWindow();
  await app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0].setContentSize(1280, 800);
  });
  listenForComplaints(page, complaints);
  return {
    page,
    answerSave: (path) =>
      app.evaluate(({ dialog }, filePath) => {
        dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
      }, path),
    enginePid: () =>
      app.evaluate(({ app: running }) => {
        const engine = running
          .getAppMetrics()
          .find(({ type, name }) => type === 'Utility' && name === 'Bezoar engine');
        if (!engine) throw new Error('The engine has no process.');
        return engine.pid;
      }),
    close: () => app.close(),
  };
}

async function dropFiles(page: Page, files: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const size = page.viewportSize() ?? { width: 1280, height: 800 };
  const at = { x: Math.round(size.width / 2), y: Math.round(size.height / 2) };
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, ...at, data });
  await session.detach();
}

export const test = base.extend<HostOptions & { startArguments: readonly string[]; workbench: Workbench }>({
  hostKind: ['serve', { option: true }],
  webgl: [true, { option: true }],
  startArguments: [[], { option: true }],
  workbench: async ({ hostKind, webgl, startArguments }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'bezoar-e2e-'));
    const userData = await mkdtemp(join(tmpdir(), 'bezoar-e2e-data-'));
    const complaints: string[] = [];
    const start = hostKind === 'electron' ? startElectron : startServe;
    const common = { options: { hostKind, webgl }, userData, folder, complaints };
    let running = await start({
      ...common,
      args: startArguments.map((one) => one.replace('{folder}', folder)),
    });
    await use({
      get page() {
        return running.page;
      },
      folder,
      drop: (paths) => dropFiles(running.page, paths),
      newCase: async (name, ask) => {
        const { page } = running;
        await expect(page.getByRole('main', { name: 'Welcome' })).toBeVisible();
        await running.answerSave(join(folder, `${name}.bezoar`));
        await (ask ?? (() => page.getByRole('button', { name: 'New case' }).first().click()))();
        if (hostKind === 'electron') return;
        const field = page.getByRole('dialog', { name: 'New case' }).getByLabel('Name of the case');
        await expect(field).toBeFocused();
        await page.keyboard.press('ControlOrMeta+a');
        await page.keyboard.type(name);
        await page.keyboard.press('Enter');
        await expect(field).toBeHidden();
      },
      exported: async (act, name) => {
        const path = join(folder, name);
        await running.answerSave(path);
        if (hostKind === 'serve') {
          const download = running.page.waitForEvent('download');
          await act();
          await (await download).saveAs(path);
        } else {
          await act();
          await expect.poll(() => existsSync(path)).toBe(true);
        }
        return readFile(path);
      },
      restart: async (casePath) => {
        await running.close();
        running = await start({ ...common, args: [casePath] });
      },
      killEngine: async () => {
        process.kill(await running.enginePid(), 'SIGKILL');
      },
    });
    await running.close();
    await rm(folder, { recursive: true, force: true });
    await rm(userData, { recursive: true, force: true });
    expect(complaints, 'console errors and policy violations').toEqual([]);
  },
});

export { expect };

/** The files of the sample incident, copied to where the test may drop them from. */
export async function sampleFiles(folder: string): Promise<string[]> {
  const source = join(repository, 'assets/sample-incident');
  const names = (await readdir(source)).filter((name) => /\.(npy|csv)$/.test(name)).sort();
  await Promise.all(names.map((name) => cp(join(source, name), join(folder, name))));
  return names.map((name) => join(folder, name));
}
