import type { ScanDetail } from '../../electron/contract/scan.ts';

const ways: Readonly<Record<string, string>> = {
  trusted: 'Group against the trusted set',
  peel: 'Group by peeling',
  displaced: 'Displaced group',
  orphans: 'Group of orphans',
  far: 'Far group',
  flip: 'Flipped labels',
};

/** A method of the scan by its name for people. */
export function methodTitle(scan: ScanDetail | undefined, id: string): string {
  return scan?.detectorRuns.find((run) => run.id === id)?.title ?? ways[id] ?? id;
}

/** The initials of a method's name up to a comma, for narrow columns: 'AC' of 'Activation clustering'. */
export function methodInitials(title: string): string {
  return title
    .replace(/,.*/, '')
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .split(/[\s-]+/)
    .map((word) => word.charAt(0).toUpperCase())
    .join('')
    .slice(0, 3);
}
