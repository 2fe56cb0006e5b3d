"use client";

import { usePathname, useSearchParams } from "next/navigation";
import type { MouseEvent, ReactNode } from "react";
import { RECEIPT_PARAM } from "#lib/url/figure-ref.ts";

/** A figure that opens its receipt: a real link, so that it can be copied, opened only in the drawer, so that the page stays. */
export function ReceiptLink({
  receipt,
  className,
  children,
  exact,
}: {
  receipt: string;
  className?: string;
  children: ReactNode;
  exact?: string;
}) {
  const path = usePathname();
  const search = new URLSearchParams(useSearchParams());
  search.set(RECEIPT_PARAM, receipt);
  const href = `${path}?${search}`;
  function open(event: MouseEvent) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    window.history.pushState(null, "", href);
  }
  return (
    // A plain anchor: next/link would ask the server for the page again.
    <a href={href} onClick={open} className={className} data-exact={exact} data-receipt="">
      {children}
    </a>
  );
}
