import type { Draws } from './mutant.ts';

/** A sound file that mutants are made of. */
export interface SeedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface ReadArray {
  readonly name: string | null;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Of its little-endian C-order bytes. */
  readonly sha256: string;
}

/** All that was read of an input. */
export interface Reading {
  /** Bytes of all values, as the import would hold them. */
  readonly decoded: number;
  readonly arrays: readonly ReadArray[];
  /** For the peer that reads the same bytes. */
  readonly told?: unknown;
  /** What a second reading of the same bytes gives otherwise; null where both agree or the second one refuses. */
  differs?(bytes: Uint8Array): string | null;
}

/** How one reader is fuzzed. */
export interface FuzzEntry {
  /** As in `--reader`. */
  readonly name: string;
  /** Ids of the readers of the registry that it reads with; `images` and `logs` for what stands beside the registry. */
  readonly covers: readonly string[];
  seeds(): readonly SeedFile[];
  /** In place of changing the bytes of a seed: for formats whose checksums would refuse nearly all of that. */
  mutant?(seed: SeedFile, seeds: readonly SeedFile[], draws: Draws): Uint8Array;
  /** Bytes of values that an input claims and is taken for before it is refused, where that is known from its header. */
  claimed?(bytes: Uint8Array): number;
  /** Reads all of it. @throws BezoarError */
  read(name: string, bytes: Uint8Array): Promise<Reading>;
  /** How `peers.py` calls the library that reads the same bytes; null where there is none. */
  readonly peer: string | null;
  /** Inputs of the slice in the tests, where these are few because each takes long. */
  readonly slice?: number;
}
