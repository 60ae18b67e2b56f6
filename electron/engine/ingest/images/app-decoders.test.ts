import { expect, it } from 'vitest';
import { createAppDecoders } from './app-decoders.ts';
import type { DecodeReply } from './decoder-process.ts';

it('keeps requests until the app has handed the port over, and passes on what comes back', () => {
  const asked: unknown[] = [];
  const sent: unknown[] = [];
  let answer: (event: { data: unknown }) => void = () => undefined;
  const decoders = createAppDecoders((request) => asked.push(request));
  const child = decoders.start();
  const replies: DecodeReply[] = [];
  const ends: string[] = [];
  child.onReply((reply) => replies.push(reply));
  child.onExit((how) => ends.push(how));
  child.send({ id: 1, images: [] });
  decoders.connected(1, {
    on: (_event, listener) => {
      answer = listener;
    },
    start: () => sent.push('started'),
    postMessage: (message) => sent.push(message),
  });
  child.send({ id: 2, images: [] });
  expect(sent).toEqual(['started', { id: 1, images: [] }, { id: 2, images: [] }]);
  answer({ data: { id: 1, images: [] } });
  expect(replies).toEqual([{ id: 1, images: [] }]);
  child.kill();
  decoders.ended(1, 'exit code 9');
  decoders.ended(1, 'exit code 9');
  expect(ends).toEqual(['exit code 9']);
  expect(asked).toEqual([
    { host: 'start-decoder', decoder: 1 },
    { host: 'end-decoder', decoder: 1 },
  ]);
});
