/** Every expected failure has one of these codes; the sentence beside it is for people. */
export const errorCodes = [
  'case/not-open',
  'case/not-a-case',
  'case/newer-schema',
  'case/older-schema',
  'case/portable',
  'case/corrupt',
  'case/read-only',
  'case/disk-full',
  'case/exists',
  'case/missing',
  'case/in-use',
  'evidence/unreadable',
  'evidence/unknown-format',
  'evidence/malformed',
  'evidence/too-large',
  'evidence/not-finite',
  'evidence/length-mismatch',
  'evidence/bad-rows',
  'evidence/overlapping-keys',
  'evidence/missing-column',
  'evidence/already-there',
  'evidence/link-missing',
  'evidence/link-changed',
  'evidence/link-not-found',
  'evidence/no-labels',
  'evidence/no-features',
  'scan/no-activations',
  'scan/not-found',
  'structure/not-natural',
  'structure/not-found',
  'log/bad-lines',
  'log/not-found',
  'log/too-long',
  'map/too-few-rows',
  'map/not-found',
  'baseline/not-found',
  'baseline/drifts',
  'baseline/too-little',
  'baseline/malformed',
  'monitor/not-found',
  'alert/not-found',
  'incident/not-found',
  'follow/not-found',
  'follow/unreadable',
  'sample/not-found',
  'verdict/nothing-to-undo',
  'comparison/not-found',
  'comparison/nothing',
  'comparison/undecided',
  'export/nothing',
  'export/failed',
  'job/cancelled',
  'job/not-found',
  'job/time-limit',
  'file/not-granted',
  'file/outside-folder',
  'engine/lost',
  'engine/bad-request',
  'engine/bug',
  'usage',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** A failure as it crosses between processes. `sentence` says what happened, where, what was done, what to do. */
export interface Failure {
  readonly code: ErrorCode;
  readonly sentence: string;
}

/** An expected failure. Everything else that is thrown is a bug. */
export class BezoarError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, sentence: string) {
    super(sentence);
    this.name = 'BezoarError';
    this.code = code;
  }

  toFailure(): Failure {
    return { code: this.code, sentence: this.message };
  }
}
