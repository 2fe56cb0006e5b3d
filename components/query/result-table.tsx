"use client";
"use no memo"; // The virtualiser hands out functions that read its own moving state.

import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import type { QueryAnswer } from "#lib/reports/answer-query.ts";
import { cn } from "../ui/class-names.ts";

type Rows = Extract<QueryAnswer, { kind: "rows" }>;

const ROW_PX = 28;
const COLUMN_PX = 180;

/** The rows of an answer: sorted by a click on a header; only what is in view is drawn, so 30,000 rows scroll smoothly. */
export function ResultTable({ answer }: { answer: Rows }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [order, setOrder] = useState<{ column: number; isDescending: boolean } | null>(null);
  const rows = useMemo(() => sorted(answer, order), [answer, order]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const template = `repeat(${answer.columns.length}, minmax(${COLUMN_PX}px, 1fr))`;
  const width = answer.columns.length * COLUMN_PX;

  return (
    <div ref={scroller} tabIndex={0} className="max-h-[60vh] overflow-auto" role="region" aria-label="Result rows">
      {/* A grid of roles, because a virtual list cannot be a table element. */}
      <div role="table" aria-rowcount={rows.length + 1} style={{ minWidth: width }}>
        <div
          role="row"
          aria-rowindex={1}
          className="sticky top-0 z-10 grid border-b bg-surface text-sm text-muted"
          style={{ gridTemplateColumns: template }}
        >
          {answer.columns.map((column, index) => {
            const isSorted = order?.column === index;
            return (
              <div
                key={`${column.name}-${index}`}
                role="columnheader"
                aria-sort={isSorted ? (order.isDescending ? "descending" : "ascending") : "none"}
              >
                <button
                  type="button"
                  className={cn(
                    "flex h-8 w-full items-center gap-1 px-3 hover:text-text",
                    column.isNumeric && "justify-end",
                  )}
                  title={`${column.name}: ${column.type}`}
                  onClick={() => setOrder(next(order, index))}
                >
                  <span className="truncate">{column.name}</span>
                  {isSorted ? (
                    order.isDescending ? (
                      <ArrowDown size={12} aria-hidden />
                    ) : (
                      <ArrowUp size={12} aria-hidden />
                    )
                  ) : null}
                </button>
              </div>
            );
          })}
        </div>
        <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map((item) => (
            <div
              key={item.key}
              role="row"
              aria-rowindex={item.index + 2}
              className="absolute inset-x-0 grid border-b border-hairline text-sm hover:bg-sunken"
              style={{ gridTemplateColumns: template, height: ROW_PX, transform: `translateY(${item.start}px)` }}
            >
              {rows[item.index]?.map((cell, column) => (
                <div
                  key={column}
                  role="cell"
                  title={cell.length > 24 ? cell : undefined}
                  className={cn(
                    "truncate px-3 leading-7",
                    answer.columns[column]?.isNumeric ? "text-right tabular-nums" : "",
                    answer.columns[column]?.type === "dynamic" ? "font-mono" : "",
                  )}
                >
                  {cell}
                </div>
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

function next(order: { column: number; isDescending: boolean } | null, column: number) {
  if (order?.column !== column) return { column, isDescending: true };
  return order.isDescending ? { column, isDescending: false } : null;
}

function sorted(answer: Rows, order: { column: number; isDescending: boolean } | null): readonly (readonly string[])[] {
  if (!order) return answer.rows;
  const isNumeric = answer.columns[order.column]?.isNumeric === true;
  const sign = order.isDescending ? -1 : 1;
  return answer.rows.toSorted((a, b) => {
    const [x = "", y = ""] = [a[order.column], b[order.column]];
    return sign * (isNumeric ? Number(x) - Number(y) : x.localeCompare(y));
  });
}
