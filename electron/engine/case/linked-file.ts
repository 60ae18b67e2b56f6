import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { LinkState } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import { canonicalJson, sha256Hex } from '../audit/hash-chain.ts';
import type { Connection } from './connection.ts';

/** Where a matrix lies that is not in the case. */
export interface MatrixLink {
  readonly path: string;
  /** Byte at which its values begin. */
  readonly offset: number;
  /** Bytes of the whole file. */
  readonly size: number;
  /** SHA-256 of the whole file. */
  readonly sha256: string;
  /** When the file was last changed, as it was hashed: whole milliseconds. */
  readonly modifiedMs: number;
}

const COLUMNS = 'path, "offset", size, sha256, modified_ms AS modifiedMs';

/** The link of a matrix that is in force; null for one that lies in the case. */
export const linkOf = (connection: Connection, matrix: number): MatrixLink | null =>
  connection.get<MatrixLink>(
    `SELECT ${COLUMNS} FROM matrix_link WHERE matrix = ? ORDER BY id DESC LIMIT 1`,
    matrix,
  ) ?? null;

/** Returns the id of the link. */
export const addLink = (
  connection: Connection,
  matrix: number,
  { path, offset, size, sha256, modifiedMs }: MatrixLink,
  actor: string,
  auditSeq: number,
): number =>
  connection.run(
    `INSERT INTO matrix_link (matrix, path, "offset", size, sha256, modified_ms, who, at_ms, audit_seq)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    matrix,
    path,
    offset,
    size,
    sha256,
    modifiedMs,
    actor,
    Date.now(),
    auditSeq,
  );

/** Hash of a link's row, all of it but its audit line: what that line keeps. */
export function linkHash(connection: Connection, id: number): string {
  const stored = connection.get(
    `SELECT id, matrix, path, "offset", size, sha256, modified_ms, who, at_ms FROM matrix_link WHERE id = ?`,
    id,
  );
  return sha256Hex(canonicalJson(stored ?? null));
}

const isAsHashed = (
  { size, modifiedMs }: MatrixLink,
  stat: { isFile(): boolean; size: number; mtimeMs: number },
): boolean => stat.isFile() && stat.size === size && Math.trunc(stat.mtimeMs) === modifiedMs;

/** Whether the file is where it was, with the size and the time that it had; its bytes are not looked at. */
export function linkState(link: MatrixLink): LinkState {
  try {
    return isAsHashed(link, statSync(link.path)) ? 'linked' : 'changed';
  } catch {
    return 'missing';
  }
}

const missing = ({ path }: MatrixLink): BezoarError =>
  new BezoarError(
    'evidence/link-missing',
    `${path} is not there or cannot be read, and this case holds its values by a link only. Nothing was computed. ` +
      'Put it back, or find the file under Evidence or with the command relink: Bezoar knows it by its hash wherever it lies.',
  );

const changed = ({ path }: MatrixLink): BezoarError =>
  new BezoarError(
    'evidence/link-changed',
    `${basename(path)} was changed since it was linked (${path}), by its size or the time of its last change. Nothing was computed. ` +
      'Put the file back as it was, or find it under Evidence: where its hash is still the same, it is taken.',
  );

/**
 * Values of a linked matrix as they stand in its file.
 * @param at bytes behind the first value
 * @throws BezoarError evidence/link-missing, evidence/link-changed
 */
export function readLinked(link: MatrixLink, at: number, length: number): Uint8Array {
  let file: number;
  try {
    // Without waiting, for a named pipe in its place.
    file = openSync(link.path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch {
    throw missing(link);
  }
  try {
    if (!isAsHashed(link, fstatSync(file))) throw changed(link);
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      let got: number;
      try {
        got = readSync(file, bytes, done, length - done, link.offset + at + done);
      } catch {
        throw missing(link);
      }
      if (got === 0) throw changed(link);
      done += got;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}
