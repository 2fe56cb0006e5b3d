"use client";

import { Ellipsis } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, useRef, useState } from "react";
import type { ChartModel } from "#lib/reports/chart-model.ts";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/class-names.ts";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { Panel, PanelEmpty } from "../ui/panel.tsx";
import { Swatch } from "../ui/swatch.tsx";
import { ChartTable } from "./chart-table.tsx";
import { chartRows, toCsv } from "./chart-text.ts";
import { savePng } from "./save-png.ts";
import { TimeChart, type TimeChartKind } from "./time-chart.tsx";

/**
 * A chart with its title, unit, legend, menu and the table behind it.
 * `kind` decides the drawing; `syncId` links the cursors of all charts that share it.
 */
export function ChartPanel({
  title,
  model,
  kind,
  syncId,
  height = 260,
  aside,
  note,
  queryHref,
  empty,
  className,
}: {
  title: string;
  model: ChartModel;
  kind: TimeChartKind;
  syncId?: string;
  height?: number;
  aside?: ReactNode;
  note?: ReactNode;
  queryHref?: string;
  /** What would fill the chart; shown when there is no point with a value. */
  empty: { readonly title: string; readonly next: ReactNode };
  className?: string;
}) {
  const [isTable, setTable] = useState(false);
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set());
  const drawing = useRef<HTMLDivElement>(null);
  const router = useRouter();
  const hasValues = model.points.some((point) => point.values.some((value) => value.n !== null));
  const fileName = title.toLowerCase().replace(/[^a-z0-9]+/g, "-");

  function pick(key: string, isAdding: boolean) {
    const next = new Set(isAdding ? shown : []);
    if (shown.has(key) && (isAdding || shown.size === 1)) next.delete(key);
    else next.add(key);
    setShown(next.size === model.series.length ? new Set() : next);
  }

  return (
    <Panel
      title={title}
      unit={`${model.unitName} · ${model.zoneName}`}
      note={note}
      className={className}
      aside={
        <>
          {aside}
          {hasValues ? (
            <Menu
              trigger={
                <Button tone="quiet" size="icon" aria-label={`Menu of ${title}`} data-print="hide">
                  <Ellipsis size={14} aria-hidden="true" />
                </Button>
              }
            >
              <MenuItem onSelect={() => setTable(!isTable)}>{isTable ? "View as chart" : "View as table"}</MenuItem>
              <MenuItem
                onSelect={() =>
                  void navigator.clipboard.writeText(
                    chartRows(model, "shown")
                      .map((row) => row.join("\t"))
                      .join("\n"),
                  )
                }
              >
                Copy the table
              </MenuItem>
              <MenuItem
                onSelect={() =>
                  save(`${fileName}.csv`, new Blob([toCsv(chartRows(model, "exact"))], { type: "text/csv" }))
                }
              >
                Save as CSV (exact)
              </MenuItem>
              {isTable ? null : (
                <MenuItem
                  onSelect={() => {
                    const svg = drawing.current?.querySelector("svg");
                    if (svg) void savePng(svg).then((png) => save(`${fileName}.png`, png));
                  }}
                >
                  Save as PNG
                </MenuItem>
              )}
              {queryHref ? <MenuItem onSelect={() => router.push(queryHref)}>Open the query</MenuItem> : null}
            </Menu>
          ) : null}
        </>
      }
    >
      {hasValues ? (
        <>
          <div ref={drawing} hidden={isTable} className="overflow-hidden px-2 pt-4 pb-1">
            <TimeChart model={model} kind={kind} shown={shown} syncId={syncId} height={height} title={title} />
          </div>
          <ChartTable model={model} title={title} isHidden={!isTable} />
          {model.series.length > 1 && !isTable ? <Legend model={model} shown={shown} onPick={pick} /> : null}
        </>
      ) : (
        <PanelEmpty title={empty.title}>{empty.next}</PanelEmpty>
      )}
    </Panel>
  );
}

function Legend({
  model,
  shown,
  onPick,
}: {
  model: ChartModel;
  shown: ReadonlySet<string>;
  onPick: (key: string, isAdding: boolean) => void;
}) {
  return (
    <ul className="flex flex-wrap gap-x-1 px-3 pb-2 text-sm" aria-label="Shown in the chart">
      {model.series.map((series) => {
        const isShown = shown.size === 0 || shown.has(series.key);
        return (
          <li key={series.key}>
            <button
              type="button"
              aria-pressed={isShown}
              title="Click to isolate, shift-click to add"
              onClick={(event) => onPick(series.key, event.shiftKey)}
              className={cn(
                "flex h-6 max-w-56 items-center gap-1.5 rounded-sm px-1.5 hover:bg-sunken max-md:h-11",
                isShown ? "text-muted" : "text-faint line-through",
              )}
            >
              {series.line === "dashed" ? (
                <span aria-hidden="true">┄</span>
              ) : (
                <Swatch slot={series.slot} isDim={!isShown} />
              )}
              <span className="truncate">{series.name}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function save(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
