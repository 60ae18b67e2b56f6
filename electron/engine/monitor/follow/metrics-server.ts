import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BezoarError } from '../../../contract/errors.ts';

/** One metric in Prometheus text exposition format 0.0.4. */
export interface MetricFamily {
  /** `[a-zA-Z_:][a-zA-Z0-9_:]*` */
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

/** Serves numbers about what is followed on the loopback interface: read-only, off until it is asked for. */
export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapeLabel = (text: string): string => escapeHelp(text).replaceAll('"', '\\"');

const written = (value: number): string =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';

/** @returns every family with its help and type, sorted as given, ending in a line end */
export function metricsText(families: readonly MetricFamily[]): string {
  return families
    .map(({ name, type, help, samples }) => {
      const lines = samples.map(({ labels, value }) => {
        const inside = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
        return `${name}${inside.length === 0 ? '' : `{${inside.join(',')}}`} ${written(value)}\n`;
      });
      return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('');
}

/**
 * @param port 0 takes a free one
 * @param families what there is to tell, asked at each request
 * @throws BezoarError usage when the port cannot be had
 */
export async function serveMetrics(
  port: number,
  families: () => readonly MetricFamily[],
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    // Named by its address alone: a page of the web cannot read it under a name of its own.
    const host = request.headers.host ?? '';
    const own = (server.address() as AddressInfo).port;
    if (host !== `127.0.0.1:${own}` && host !== `localhost:${own}`) response.writeHead(403).end();
    else if (request.method !== 'GET' || request.url !== '/metrics') response.writeHead(404).end();
    else
      response
        .writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
        .end(metricsText(families()));
  });
  await listening(server, port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => {
          closed();
        });
      }),
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new BezoarError(
          'usage',
          `Metrics cannot be served on port ${port}: ${error.message}. Nothing was started. Name another port, or 0 for a free one.`,
        ),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}
