import { get } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { failureLater } from '../../../../test/fixtures/failure-code.ts';
import { metricsText, serveMetrics, type MetricFamily, type MetricsServer } from './metrics-server.ts';

const families: MetricFamily[] = [
  {
    name: 'bezoar_followed_events_total',
    type: 'counter',
    help: 'Requests read.\nOf followed logs.',
    samples: [
      { labels: { log: 'app "1"\\x' }, value: 12 },
      { labels: {}, value: NaN },
    ],
  },
];
let server: MetricsServer;
afterEach(async () => {
  await server.close();
});

const ask = (url: string, options: object = {}): Promise<{ status: number; type: string; text: string }> =>
  new Promise((resolve, reject) => {
    get(url, options, (response) => {
      let text = '';
      response.on('data', (part) => (text += String(part)));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          text,
        });
      });
    }).on('error', reject);
  });

it('tells its families in text format, on loopback alone, to who names it so', async () => {
  server = await serveMetrics(0, () => families);
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  const answer = await ask(server.url);
  expect(answer).toMatchObject({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
  expect(answer.text).toBe(metricsText(families));
  expect(answer.text.split('\n')).toEqual([
    '# HELP bezoar_followed_events_total Requests read.\\nOf followed logs.',
    '# TYPE bezoar_followed_events_total counter',
    'bezoar_followed_events_total{log="app \\"1\\"\\\\x"} 12',
    'bezoar_followed_events_total NaN',
    '',
  ]);
  expect((await ask(server.url.replace('/metrics', '/'))).status).toBe(404);
  expect((await ask(server.url, { method: 'POST' })).status).toBe(404);
  expect((await ask(server.url, { headers: { host: 'evil.example' } })).status).toBe(403);
});

it('says so when the port is taken', async () => {
  server = await serveMetrics(0, () => families);
  const port = Number(new URL(server.url).port);
  expect((await failureLater(() => serveMetrics(port, () => families))).code).toBe('usage');
});
