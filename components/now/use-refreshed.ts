"use client";

import { useEffect, useState } from "react";

export type Refreshed<Report> = { readonly report: Report; readonly failure: string | null };

/** A report that asks its route again every `everyMs` while the page is visible; an unchanged answer costs a few bytes. */
export function useRefreshed<Report>(first: Report, address: string, everyMs: number): Refreshed<Report> {
  const [state, setState] = useState<Refreshed<Report>>({ report: first, failure: null });
  useEffect(() => setState({ report: first, failure: null }), [first]);
  useEffect(() => {
    const abort = new AbortController();
    async function refresh() {
      if (document.hidden) return;
      try {
        const response = await fetch(address, { signal: abort.signal, cache: "no-cache" });
        if (!response.ok) throw new Error(`the server answered ${response.status}`);
        const report: Report = await response.json();
        setState({ report, failure: null });
      } catch (error) {
        if (!abort.signal.aborted)
          setState((last) => ({
            ...last,
            failure: error instanceof Error ? error.message : "the server did not answer",
          }));
      }
    }
    const timer = setInterval(refresh, everyMs);
    document.addEventListener("visibilitychange", refresh);
    return () => {
      abort.abort();
      clearInterval(timer);
      document.removeEventListener("visibilitychange", refresh);
    };
  }, [address, everyMs]);
  return state;
}
