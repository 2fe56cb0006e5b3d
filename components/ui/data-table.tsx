"use client";

import { ArrowDown, ArrowUp, Columns3 } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import type { Cell, Column, Row } from "#lib/reports/table-model.ts";
import { Sparkline } from "../charts/sparkline.tsx";
import { ReceiptLink } from "../shell/receipt-link.tsx";
import { categoryColour } from "../theme/category-colour.ts";
import { Button } from "./button.tsx";
import { cn } from "./class-names.ts";
import { FIELD } from "./field.tsx";
import { Menu, MenuCheck } from "./menu.tsx";
import { ShareBar } from "./share-bar.tsx";
import { StateWord } from "./state-word.tsx";
import { Swatch } from "./swatch.tsx";

/** A table that sorts by its headers, hides columns, finds rows, keeps its totals at the foot and becomes cards on a phone. */
export function DataTable({
  name,
  columns,
  rows,
  foot,
  sortedBy,
  hasSearch = false,
  canSort = true,
  empty,
  actions,
}: {
  name: string;
  columns: readonly Column[];
  rows: readonly Row[];
  foot?: Readonly<Record<string, Cell>>;
  sortedBy?: { readonly column: string; readonly isDescending: boolean };
  hasSearch?: boolean;
  /** False for one page of many: sorting it would say nothing of the others. */
  canSort?: boolean;
  empty: ReactNode;
  actions?: ReactNode;
}) {
  const [order, setOrder] = useState(sortedBy);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(
    new Set(columns.filter((column) => column.isHidden).map((column) => column.id)),
  );
  const [wanted, setWanted] = useState("");
  if (rows.length === 0) return empty;
  const visible = columns.filter((column) => !hidden.has(column.id));
  const found = wanted.trim() === "" ? rows : rows.filter((row) => matches(row, wanted));
  const sorted = order
    ? found.toSorted((a, b) => compare(a.cells[order.column], b.cells[order.column], order.isDescending))
    : found;
  const canHide = columns.some((column) => column.isHidden);
  const isDense = visible.length > 12;
  return (
    <div>
      {hasSearch || canHide || actions ? (
        <div className="flex items-center gap-2 border-b px-4 py-2" data-print="hide">
          {hasSearch ? (
            <input
              type="search"
              value={wanted}
              onChange={(event) => setWanted(event.target.value)}
              placeholder="Find…"
              aria-label={`Find in ${name}`}
              className={cn(FIELD, "max-w-56")}
            />
          ) : null}
          {found.length < rows.length ? (
            <span className="text-sm text-muted">
              {found.length} of {rows.length}
            </span>
          ) : null}
          <div className="ml-auto flex gap-2">
            {actions}
            {canHide ? (
              <Menu
                trigger={
                  <Button tone="quiet" size="small" className="max-md:hidden">
                    <Columns3 size={14} aria-hidden="true" />
                    Columns
                  </Button>
                }
              >
                {columns.slice(1).map((column) => (
                  <MenuCheck
                    key={column.id}
                    isOn={!hidden.has(column.id)}
                    onChange={(isOn) =>
                      setHidden(new Set(isOn ? [...hidden].filter((id) => id !== column.id) : [...hidden, column.id]))
                    }
                  >
                    {column.title}
                  </MenuCheck>
                ))}
              </Menu>
            ) : null}
          </div>
        </div>
      ) : null}
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable from the keyboard.
        tabIndex={0}
        aria-label={`${name}: rows`}
        className="relative max-h-[80dvh] overflow-auto max-md:max-h-none"
      >
        <table className={cn("data-table figures", isDense && "dense")} data-table={name}>
          <thead>
            <tr>
              {visible.map((column, index) => (
                <Header
                  key={column.id}
                  column={column}
                  isFirst={index === 0}
                  order={order}
                  onOrder={canSort ? setOrder : undefined}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.map((row) => (
              <tr key={row.id} data-row={row.id}>
                {visible.map((column, index) => (
                  <BodyCell key={column.id} column={column} cell={row.cells[column.id]} isFirst={index === 0} />
                ))}
              </tr>
            ))}
          </tbody>
          {foot ? (
            <tfoot>
              <tr data-row="total">
                {visible.map((column, index) => (
                  <BodyCell key={column.id} column={column} cell={foot[column.id]} isFirst={index === 0} />
                ))}
              </tr>
            </tfoot>
          ) : null}
        </table>
      </section>
    </div>
  );
}

function Header({
  column,
  isFirst,
  order,
  onOrder,
}: {
  column: Column;
  isFirst: boolean;
  order: { readonly column: string; readonly isDescending: boolean } | undefined;
  onOrder: ((order: { column: string; isDescending: boolean }) => void) | undefined;
}) {
  const isSorted = order?.column === column.id;
  const isRight = column.align === "right";
  return (
    <th
      scope="col"
      aria-sort={isSorted ? (order.isDescending ? "descending" : "ascending") : undefined}
      className={cn(
        "sticky top-0 z-10 border-b bg-surface align-bottom text-sm font-normal text-faint",
        isFirst && "left-0 z-20",
        isRight && "right",
      )}
    >
      {onOrder ? (
        <button
          type="button"
          onClick={() => onOrder({ column: column.id, isDescending: isSorted ? !order.isDescending : isRight })}
          className={cn("inline-flex items-baseline gap-1 hover:text-text", isRight && "flex-row-reverse")}
        >
          <ColumnTitle column={column} />
          {isSorted ? (
            order.isDescending ? (
              <ArrowDown size={11} aria-hidden="true" />
            ) : (
              <ArrowUp size={11} aria-hidden="true" />
            )
          ) : null}
        </button>
      ) : (
        <ColumnTitle column={column} />
      )}
    </th>
  );
}

function ColumnTitle({ column }: { column: Column }) {
  return (
    <span className="whitespace-nowrap">
      {column.group ? <span className="block text-xs">{column.group}</span> : null}
      {column.title}
      {column.unit ? <span className="text-xs"> {column.unit}</span> : null}
    </span>
  );
}

/** How a cell looks is said once in the style sheet (`.data-table`), not on each of the thousands that a page may have. */
function BodyCell({ column, cell, isFirst }: { column: Column; cell: Cell | undefined; isFirst: boolean }) {
  const look = cn(column.align === "right" && "right", isFirst || column.isMain || "minor") || undefined;
  const content = (
    <>
      {isFirst || !column.isMain ? null : <span className="cell-title">{column.title}</span>}
      {cell ? <CellContent cell={cell} isRight={column.align === "right"} isProse={column.isProse ?? false} /> : null}
    </>
  );
  return isFirst ? (
    <th scope="row" data-column={column.id} className={look}>
      {content}
    </th>
  ) : (
    <td data-column={column.id} className={look}>
      {content}
    </td>
  );
}

function CellContent({ cell, isRight, isProse }: { cell: Cell; isRight: boolean; isProse: boolean }) {
  const text = (
    <span
      data-exact={cell.exact}
      title={cell.title}
      className={cell.share === undefined ? undefined : "inline-block min-w-12 text-right"}
    >
      {cell.text}
    </span>
  );
  return (
    <span className={cn("cell", isProse && "prose")}>
      {cell.note && isRight ? <span className="text-sm text-faint">{cell.note}</span> : null}
      {cell.spark ? (
        <Sparkline values={cell.spark} colour={cell.slot === undefined ? undefined : categoryColour(cell.slot)} />
      ) : null}
      {cell.slot === undefined || cell.spark ? null : <Swatch slot={cell.slot} />}
      {cell.share === undefined ? null : <ShareBar share={cell.share} />}
      {cell.href ? (
        <Link href={cell.href} className="link min-w-0 truncate decoration-transparent max-md:py-1.5">
          {text}
        </Link>
      ) : cell.receipt ? (
        <ReceiptLink receipt={cell.receipt} className="link decoration-transparent">
          {text}
        </ReceiptLink>
      ) : cell.state ? (
        <StateWord state={cell.state}>{text}</StateWord>
      ) : (
        text
      )}
      {cell.note && !isRight ? <span className="text-sm text-faint">{cell.note}</span> : null}
    </span>
  );
}

function matches(row: Row, wanted: string): boolean {
  const needle = wanted.trim().toLowerCase();
  return Object.values(row.cells).some((cell) => `${cell.text} ${cell.note ?? ""}`.toLowerCase().includes(needle));
}

/** Rows without a value stay at the end in both directions. */
function compare(a: Cell | undefined, b: Cell | undefined, isDescending: boolean): number {
  const [x, y] = [a?.sort ?? a?.text, b?.sort ?? b?.text];
  if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1;
  const forward =
    typeof x === "number" && typeof y === "number"
      ? x - y
      : String(x).localeCompare(String(y), "en", { numeric: true });
  return isDescending ? -forward : forward;
}
