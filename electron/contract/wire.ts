import { z } from 'zod';
import { BulkHeader, BulkRequest } from './bulk.ts';
import type { EventOf } from './events.ts';
import { Failure } from './failure.ts';

/** From the window to the engine. */
export const ClientMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), id: z.number().int(), name: z.string(), params: z.unknown() }),
  /** One page of an array: from byte `offset`, at most BULK_PAGE_BYTES. */
  z.object({
    kind: z.literal('bulk'),
    id: z.number().int(),
    request: BulkRequest,
    offset: z.number().int().min(0),
  }),
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

/**
 * From the engine to the window. `bulk-page` carries its bytes as a Uint8Array in structured clone;
 * over a WebSocket it is one binary frame: uint32 little-endian length of the JSON, the JSON without `data`, the bytes.
 */
export const EngineMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('reply'), id: z.number().int(), ok: z.literal(true), result: z.unknown() }),
  z.object({ kind: z.literal('failure'), id: z.number().int(), failure: Failure }),
  z.object({ kind: z.literal('event'), topic: z.string(), payload: z.unknown() }),
  z.object({
    kind: z.literal('bulk-page'),
    id: z.number().int(),
    header: BulkHeader,
    data: z.instanceof(Uint8Array),
  }),
]);
export type EngineMessage = z.infer<typeof EngineMessage>;

/** From the process that hosts the engine to the engine; never reachable from the window. */
export type ControlMessage =
  | {
      readonly control: 'init';
      /** Recent cases and logs live here. */
      readonly userData: string;
      readonly threads: number;
      /** The engine of the kernels that the command line asks for; null: as the settings say. */
      readonly kernels: string | null;
      /** Reopened after a restart, or named on the command line. */
      readonly openCase: string | null;
      /** A folder with the sample incident: a working case is made of it (imported, not scanned) when it is not there yet. */
      readonly sample: string | null;
    }
  | {
      readonly control: 'grant';
      readonly token: string;
      readonly path: string;
      readonly mode: 'read' | 'write';
    }
  /** Electron: the window's port comes along, in place of any former one. */
  | { readonly control: 'window' }
  /** Electron: the port to an image decoder that the engine asked for comes along. */
  | { readonly control: 'decoder'; readonly decoder: number }
  | { readonly control: 'decoder-ended'; readonly decoder: number; readonly how: string }
  /** A case file that was opened from the desktop while the window stands. */
  | { readonly control: 'open'; readonly path: string }
  /** An event of the host that the windows are told over their own port. */
  | { readonly control: 'tell'; readonly event: EventOf<'engine'> }
  | { readonly control: 'shutdown' };

/** A forked engine shares one channel between its windows; `window: null` goes to every one. */
export interface FromWindow {
  readonly window: number;
  readonly message: unknown;
}
export interface ToWindow {
  readonly window: number | null;
  readonly message: EngineMessage;
}

/** From the engine to Electron's main process, which alone can start processes there: an image decoder, numbered by the engine. */
export interface DecoderRequest {
  readonly host: 'start-decoder' | 'end-decoder';
  readonly decoder: number;
}

/** From the engine to its host. */
export type HostMessage =
  | {
      readonly host: 'ready';
      /** Titles of the jobs of the reopened case that a dead engine left unfinished. */
      readonly interrupted: readonly string[];
      /** Why the case named in `init` is not open; null when it is, or none was named. */
      readonly problem: string | null;
    }
  /** The open case's path, so that it can be reopened after a restart. */
  | { readonly host: 'case'; readonly path: string | null; readonly name: string | null }
  /** The engine knows the file: a window may be told its token. */
  | { readonly host: 'granted'; readonly token: string }
  | { readonly host: 'log'; readonly line: string };
