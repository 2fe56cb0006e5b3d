import { ChevronLeft, ChevronRight, X } from "lucide-react";
import Link from "next/link";
import { formatAgo, formatDays, formatInstant, formatTime, formatZone } from "#lib/format/format-time.ts";
import { CHARGE_DIMENSIONS } from "#lib/ledger/charge-query.ts";
import type { PageContext } from "#lib/reports/page-context.ts";
import { addDays, addMonths, firstOfMonth, UTC } from "#lib/time/zone.ts";
import { dimensionName } from "#lib/url/dimension-name.ts";
import {
  COMPARISONS,
  type Comparison,
  type PeriodChoice,
  type ReportParams,
  stepPeriod,
  toggleFilter,
  toHref,
  withoutExcluded,
} from "#lib/url/report-params.ts";
import { buttonStyle } from "../ui/button.tsx";
import { cn } from "../ui/class-names.ts";
import { StateWord } from "../ui/state-word.tsx";
import { FilterPicker } from "./filter-picker.tsx";
import { PeriodPicker } from "./period-picker.tsx";
import { PickerMenu } from "./picker-menu.tsx";

/** The one bar of controls: every control is a link to the same page in another state. */
export function ControlBar({
  path,
  context,
  controls,
}: {
  path: string;
  context: PageContext;
  controls: { readonly period: boolean; readonly compare: boolean; readonly filters: boolean };
}) {
  const { params, now, zone } = context;
  const to = (change: Partial<ReportParams>) => toHref(path, { ...params, ...change });
  const isWhole = context.shown.to <= context.today;
  return (
    <div
      className="flex min-w-0 flex-1 flex-wrap items-center gap-2 max-md:order-last max-md:-mx-4 max-md:basis-full max-md:flex-nowrap max-md:overflow-x-auto max-md:px-4"
      data-print="hide"
    >
      {controls.period ? (
        <div className="flex items-center">
          <Link
            href={to({ period: stepPeriod(params.period, -1, now, zone) })}
            aria-label="Period before"
            data-key="["
            className={buttonStyle({ tone: "quiet", size: "icon" })}
          >
            <ChevronLeft size={14} aria-hidden="true" />
          </Link>
          <PeriodPicker
            label={formatDays(context.shown.from, context.shown.to)}
            presets={periodPresets(context).map(({ name, choice }) => ({
              name,
              href: to({ period: choice }),
              isOn: JSON.stringify(choice) === JSON.stringify(params.period),
            }))}
            custom={{
              base: to({ period: { kind: "thisMonth" } }),
              from: context.shown.from,
              last: addDays(context.shown.to, -1),
            }}
          />
          {isWhole ? (
            <Link
              href={to({ period: stepPeriod(params.period, 1, now, zone) })}
              aria-label="Period after"
              data-key="]"
              className={buttonStyle({ tone: "quiet", size: "icon" })}
            >
              <ChevronRight size={14} aria-hidden="true" />
            </Link>
          ) : null}
        </div>
      ) : null}
      <PickerMenu
        label={formatZone(zone, now)}
        name="Time zone"
        shortcut="u"
        items={[...new Set([UTC, context.reportingZone, ...context.zones, zone])].map((choice) => ({
          name: choice === context.reportingZone ? `${choice} (reporting zone)` : choice,
          href: to({ zone: choice === context.reportingZone ? undefined : choice }),
          isOn: choice === zone,
        }))}
      />
      {controls.compare ? (
        <PickerMenu
          label={context.compared ? `vs ${formatDays(context.compared.from, context.compared.to)}` : "no comparison"}
          name="Comparison"
          shortcut="c"
          items={COMPARISONS.map((compare) => ({
            name: comparisonName(compare),
            href: to({ compare }),
            isOn: compare === params.compare,
          }))}
        />
      ) : null}
      {controls.filters ? (
        <>
          <FilterChips path={path} params={params} />
          <FilterPicker path={path} />
        </>
      ) : null}
    </div>
  );
}

function FilterChips({ path, params }: { path: string; params: ReportParams }) {
  const chips = CHARGE_DIMENSIONS.flatMap((dimension) => [
    ...(params.filter[dimension]?.include ?? []).map((value) => ({
      key: `${dimension}=${value}`,
      text: `${dimensionName(dimension)}: ${value}`,
      href: toHref(path, { ...params, filter: toggleFilter(params.filter, dimension, value) }),
    })),
    ...(params.filter[dimension]?.exclude ?? []).map((value) => ({
      key: `${dimension}≠${value}`,
      text: `not ${dimensionName(dimension)}: ${value}`,
      href: toHref(path, { ...params, filter: withoutExcluded(params.filter, dimension, value) }),
    })),
  ]);
  return chips.map((chip) => (
    <Link
      key={chip.key}
      href={chip.href}
      aria-label={`Remove the filter ${chip.text}`}
      className={cn(buttonStyle({ size: "small" }), "max-w-64 bg-accent-soft")}
    >
      <span className="truncate">{chip.text}</span>
      <X size={12} aria-hidden="true" />
    </Link>
  ));
}

/** Older figures say their age. */
const AGED_MS = 10 * 60_000;

/** How far the data is, with the way to the page that says why. */
export function ClockLink({ context }: { context: PageContext }) {
  const { clock, now, zone, params } = context;
  const href = toHref("/data", { ...params, by: undefined, isWall: false });
  return (
    <Link
      href={href}
      className="ml-auto flex min-h-7 items-center gap-2 rounded-md px-2 text-sm hover:bg-sunken max-md:px-0"
      data-clock={clock.dataTo ?? ""}
    >
      {clock.readBack.state === "running" ? (
        <span className="text-muted">
          reading back, day {clock.readBack.daysDone} of {clock.readBack.daysTotal}
        </span>
      ) : null}
      <ClockWord state={clock.state} late={clock.late}>
        {clock.dataTo === null ? null : (
          <span title={`${formatInstant(clock.dataTo, zone, { withYear: true })}, ${formatAgo(clock.dataTo, now)}`}>
            data to{" "}
            {now - clock.dataTo > 20 * 3_600_000 ? formatInstant(clock.dataTo, zone) : formatTime(clock.dataTo, zone)}
            {now - clock.dataTo > AGED_MS ? `, ${formatAgo(clock.dataTo, now)}` : ""}
          </span>
        )}
      </ClockWord>
    </Link>
  );
}

function ClockWord({
  state,
  late,
  children,
}: {
  state: PageContext["clock"]["state"];
  late: readonly string[];
  children: React.ReactNode;
}) {
  switch (state) {
    case "empty":
      return <StateWord state="no data">no data yet</StateWord>;
    case "current":
      return <span className="text-muted">◷ {children}</span>;
    case "late":
      return (
        <StateWord state="late">
          {children} · late: {late.join(", ")}
        </StateWord>
      );
    case "failed":
      return (
        <StateWord state="firing">
          {children} · failed: {late.join(", ")}
        </StateWord>
      );
  }
}

function comparisonName(compare: Comparison): string {
  return { previous: "the period before", year: "a year earlier", none: "nothing" }[compare];
}

function periodPresets({ today }: PageContext): { name: string; choice: PeriodChoice }[] {
  const lastMonth = addMonths(firstOfMonth(today), -1).slice(0, 7);
  return [
    { name: "This month", choice: { kind: "thisMonth" } },
    { name: "Last month", choice: { kind: "month", month: lastMonth } },
    { name: "Today", choice: { kind: "last", days: 1 } },
    { name: "Last 7 days", choice: { kind: "last", days: 7 } },
    { name: "Last 30 days", choice: { kind: "last", days: 30 } },
    { name: "Last 90 days", choice: { kind: "last", days: 90 } },
  ];
}
