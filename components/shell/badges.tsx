"use client";

import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import type { Badges } from "#lib/reports/load-badges.ts";

const EVERY_MS = 60_000;

const Known = createContext<Badges | null>(null);

/** Asks once a minute what stands beside Now and Alerts, for every navigation inside it. */
export function BadgesProvider({ children }: { children: ReactNode }) {
  const [badges, setBadges] = useState<Badges | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const ask = () => {
      if (document.visibilityState === "hidden") return;
      fetch("/api/badges", { signal: abort.signal })
        .then((response) => (response.ok ? response.json() : null))
        .then((answer: Badges | null) => setBadges(answer))
        .catch(() => setBadges(null));
    };
    ask();
    const timer = setInterval(ask, EVERY_MS);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, []);
  return <Known value={badges}>{children}</Known>;
}

/**
 * The count beside a page's name, with its meaning in words for those who do not see the shape; nothing while it is not
 * known, and nothing when there is nothing to say.
 */
export function Badge({ path }: { path: string }) {
  const badges = useContext(Known);
  const [count, words] =
    path === "/now"
      ? [badges?.throttling ?? 0, "deployments throttle"]
      : path === "/alerts"
        ? [badges?.firing ?? 0, "alerts fire"]
        : [0, ""];
  if (count === 0) return null;
  return (
    <span className="figures ml-auto text-sm text-firing" data-badge={path} title={`${count} ${words}`}>
      <span aria-hidden="true">● </span>
      {count}
      <span className="sr-only"> {words}</span>
    </span>
  );
}
