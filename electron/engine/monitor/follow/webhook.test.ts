import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { postToWebhook } from './webhook.ts';

let server: Server;
let heard: { method: string; url: string; type: string; body: string }[] = [];

function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  heard = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      heard.push({ method, url, type: headers['content-type'] ?? '', body });
      answer(request, response);
    });
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?team=1`);
    }),
  );
}
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

it('posts the alert as it is and tells that it was taken', async () => {
  const address = await serve((_request, response) => response.writeHead(204).end());
  const delivery = await postToWebhook(address, '{"subject":"Kleid ü"}');
  expect(delivery.delivered).toBe(true);
  expect(heard).toEqual([
    { method: 'POST', url: '/hook?team=1', type: 'application/json', body: '{"subject":"Kleid ü"}' },
  ]);
});

it('follows no redirect and tells a refusal', async () => {
  const address = await serve((_request, response) =>
    response.writeHead(307, { location: '/elsewhere' }).end(),
  );
  const delivery = await postToWebhook(address, '{}');
  expect(delivery).toMatchObject({ delivered: false });
  expect(delivery.sentence).toContain('it answered 307');
  expect(heard).toHaveLength(1);
});

it('gives up on a server that does not answer, and on one that is not there', async () => {
  const address = await serve(() => undefined);
  expect((await postToWebhook(address, '{}', 50)).sentence).toContain('no answer within 0.05 s');
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  expect((await postToWebhook(address, '{}')).sentence).toContain('ECONNREFUSED');
});
