import type { ReactNode } from "react";
import type { Amount } from "#lib/reports/amount.ts";
import { ReceiptLink } from "../shell/receipt-link.tsx";
import { cn } from "./class-names.ts";
import { StateWord } from "./state-word.tsx";

/** A label, a value, how it stands against the comparison in words, a small line, and a mark when the value is not whole. */
export function FigureTile({
  label,
  amount,
  value = amount?.shown,
  exact = amount?.exact,
  title = amount?.full,
  change,
  mark,
  isEstimate = false,
  sparkline,
  receipt,
}: {
  label: string;
  /** The value with the exact integer behind it and with every digit for the tooltip; or these one by one. */
  amount?: Amount;
  value?: ReactNode;
  exact?: string;
  title?: string;
  change?: ReactNode;
  /** What is partial, estimated or unpriced about it. */
  mark?: ReactNode;
  /** The mark only names what kind of value it is; nothing is missing. */
  isEstimate?: boolean;
  sparkline?: ReactNode;
  receipt?: string;
}) {
  const body = (
    <>
      <span className="flex items-start justify-between gap-2">
        <span className="text-sm text-muted">{label}</span>
        {mark ? (
          isEstimate ? (
            <span className="text-xs text-faint">{mark}</span>
          ) : (
            <StateWord state="watch" className="whitespace-normal text-right text-xs">
              {mark}
            </StateWord>
          )
        ) : null}
      </span>
      <span className="flex items-end justify-between gap-3">
        <span className="figures text-2xl font-medium" title={title} data-figure={label} data-exact={exact}>
          {value}
        </span>
        {sparkline}
      </span>
      {change ? <span className="figures text-sm text-muted">{change}</span> : null}
    </>
  );
  const look = "flex min-w-0 flex-col gap-1 rounded-md border bg-surface px-4 py-3";
  return receipt ? (
    <ReceiptLink receipt={receipt} className={cn(look, "hover:border-control")}>
      {body}
    </ReceiptLink>
  ) : (
    <div className={look}>{body}</div>
  );
}

/** Tiles beside one another at a desk, under one another on a phone; two by two there when their values are short. */
export function Tiles({ children, isShort = false }: { children: ReactNode; isShort?: boolean }) {
  return (
    <div
      className={cn(
        "grid grid-cols-[repeat(auto-fit,minmax(min(176px,100%),1fr))] gap-3",
        isShort ? "max-md:grid-cols-2" : "max-md:grid-cols-1",
      )}
    >
      {children}
    </div>
  );
}
