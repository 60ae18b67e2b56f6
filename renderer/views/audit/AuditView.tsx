import { Button } from '@blueprintjs/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { Hash } from '../../components/Hash.tsx';
import { formatCount, formatTime, plural } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { currentHost } from '../../state/host-context.ts';
import { useCaseState } from '../../state/queries.ts';
import { sayFailure } from '../../state/toasts.ts';
import { detailInWords } from './detail-in-words.ts';
import './audit.css';

const PAGE = 200;
const ROW_PX = 26;

interface Verified {
  readonly ok: boolean;
  readonly sentence: string;
}

function useAudit() {
  return useInfiniteQuery({
    queryKey: ['call', 'audit/page', 'all'],
    queryFn: ({ pageParam }) => currentHost().call('audit/page', { before: pageParam, limit: PAGE }),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.seq),
    meta: { subjects: ['audit'] },
  });
}

/** Every act on the case, newest first, chained by hashes. */
export function AuditView() {
  const open = useCaseState();
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useAudit();
  const [verified, setVerified] = useState<Verified | null>(null);
  const [busy, setBusy] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const entries = data?.pages.flat() ?? [];
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const shown = virtual.getVirtualItems();
  const lastShown = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastShown >= entries.length - 20) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, lastShown, entries.length, fetchNextPage]);

  const verify = async (): Promise<void> => {
    setBusy(true);
    try {
      setVerified(await currentHost().call('audit/verify', {}));
    } catch (failure) {
      sayFailure(failure);
    }
    setBusy(false);
  };

  return (
    <div className="bz-view bz-view-fill">
      <header className="bz-view-head">
        <h1>Audit</h1>
        {open ? (
          <span className="bz-quiet">
            {plural(open.auditCount, 'entry', 'entries')}, head{' '}
            <Hash value={open.auditHead} what="Audit head" />
          </span>
        ) : null}
        <span className="bz-spring" />
        <Button size="small" text="Verify the chain" loading={busy} onClick={() => void verify()} />
      </header>
      {error ? <Problem error={error} /> : null}
      {verified?.ok ? <p className="bz-advice bz-advice-clean">✓ {verified.sentence}</p> : null}
      {verified?.ok === false ? <Problem>{verified.sentence}</Problem> : null}
      <div className="bz-audit" role="table" aria-label="Audit entries" aria-rowcount={entries.length + 1}>
        <div role="row" className="bz-audit-row bz-audit-head">
          {['No.', 'When', 'Who', 'Act', 'Detail', 'Hash'].map((title) => (
            <span role="columnheader" key={title}>
              {title}
            </span>
          ))}
        </div>
        <div className="bz-audit-scroll" ref={scroller} tabIndex={0} aria-label="Entries">
          <div role="rowgroup" className="bz-audit-space" style={{ height: virtual.getTotalSize() }}>
            {shown.map(({ index, start }) => {
              const entry = entries[index];
              return (
                <div
                  role="row"
                  key={entry.seq}
                  aria-rowindex={index + 2}
                  className="bz-audit-row"
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <span role="cell" className="bz-number bz-right">
                    {formatCount(entry.seq)}
                  </span>
                  <span role="cell" className="bz-number">
                    {formatTime(entry.atMs)}
                  </span>
                  <span role="cell">{entry.actor}</span>
                  <span role="cell">{entry.action}</span>
                  <span role="cell" title={entry.detail}>
                    {detailInWords(entry.detail)}
                  </span>
                  <span role="cell">
                    <Hash value={entry.hash} what="Hash of the entry" />
                  </span>
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}
