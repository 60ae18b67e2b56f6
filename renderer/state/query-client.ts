import { QueryClient } from '@tanstack/react-query';

/**
 * Answers stay until an event of the engine says that they changed, so nothing is asked again on a timer or on
 * focus. A failure is shown, not repeated behind the analyst's back.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      gcTime: 10 * 60_000,
      retry: false,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});
