import type { EngineMessage } from '../contract/wire.ts';

/** One binary frame: uint32 little-endian length of the JSON, the JSON without `data`, the bytes. */
export function bulkFrame(message: EngineMessage & { kind: 'bulk-page' }): Buffer {
  const { data, ...head } = message;
  const json = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, data]);
}
