"use client";

import { useId } from "react";
import {
  Area,
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceArea,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import type { ChartModel, ChartPoint, ChartSeries } from "#lib/reports/chart-model.ts";
import { categoryColour, isDotted } from "../theme/category-colour.ts";
import { axisText } from "./axis-text.ts";
import { ChartTooltip } from "./chart-tooltip.tsx";

/** `bars` and `areas` are stacked, `lines` and `steps` are not; a step holds its value until the next point. */
export type TimeChartKind = "bars" | "areas" | "lines" | "steps";

type Drawn = {
  readonly key: string;
  readonly label: string;
  readonly point: ChartPoint;
  readonly range?: [number, number];
} & Record<string, unknown>;

/** The drawing: no motion, gaps for what is unknown, hatching for what may still grow. */
export function TimeChart({
  model,
  kind,
  shown,
  syncId,
  height,
  title,
}: {
  model: ChartModel;
  kind: TimeChartKind;
  shown: ReadonlySet<string>;
  syncId?: string;
  height: number;
  title: string;
}) {
  const id = useId().replace(/[^a-zA-Z0-9]/g, "");
  const series = model.series
    .map((one, index) => ({ ...one, index }))
    .filter((one) => shown.size === 0 || shown.has(one.key));
  const data: Drawn[] = model.points.map((point) => ({
    key: point.key,
    label: point.label,
    point,
    ...(point.range ? { range: [point.range.low, point.range.high] } : {}),
    ...Object.fromEntries(point.values.map((value, index) => [`v${index}`, value.n])),
  }));
  const unsure = stretches(model.points, "partial");
  return (
    <ResponsiveContainer width="100%" height={height} initialDimension={{ width: 960, height }}>
      <ComposedChart
        data={data}
        syncId={syncId}
        margin={{ top: 4, right: 12, bottom: 0, left: 4 }}
        barCategoryGap="14%"
        accessibilityLayer
        title={title}
      >
        <defs>
          <pattern id={`${id}hatch`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="2" height="6" fill="var(--surface)" opacity="0.75" />
          </pattern>
          <pattern id={`${id}empty`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="1" height="6" fill="var(--hairline)" />
          </pattern>
          {series.map((one) => (
            <SeriesPattern key={one.key} id={`${id}s${one.index}`} series={one} />
          ))}
        </defs>
        <CartesianGrid vertical={false} stroke="var(--hairline)" />
        <XAxis
          dataKey="key"
          tickFormatter={(key: string) => model.points.find((point) => point.key === key)?.label ?? ""}
          tick={TICK}
          tickLine={false}
          axisLine={{ stroke: "var(--hairline)" }}
          minTickGap={28}
          interval="equidistantPreserveStart"
        />
        <YAxis
          width={52}
          tick={TICK}
          tickLine={false}
          axisLine={false}
          tickCount={5}
          domain={[0, "auto"]}
          tickFormatter={(value: number) => axisText(value, model.unit, model.currency)}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={kind === "bars" ? { fill: "var(--sunken)" } : { stroke: "var(--control)", strokeWidth: 1 }}
          content={<ChartTooltip model={model} shown={shown} isStacked={kind === "bars" || kind === "areas"} />}
          wrapperStyle={{ zIndex: 10, outline: "none" }}
        />
        {stretches(model.points, "unknown").map(([from, to]) => (
          <ReferenceArea
            key={`unknown${from}`}
            x1={from}
            x2={to}
            fill={`url(#${id}empty)`}
            fillOpacity={1}
            stroke="none"
          />
        ))}
        {model.points.some((point) => point.range) ? (
          <Area
            dataKey="range"
            type="linear"
            stroke="none"
            fill="var(--accent)"
            fillOpacity={0.12}
            isAnimationActive={false}
            activeDot={false}
            legendType="none"
          />
        ) : null}
        {series.map((one) => seriesOf(one, kind, id))}
        {kind === "bars"
          ? null
          : unsure.map(([from, to]) => (
              <ReferenceArea
                key={`partial${from}`}
                x1={from}
                x2={to}
                fill={`url(#${id}hatch)`}
                fillOpacity={1}
                stroke="none"
              />
            ))}
        {model.level && model.level.value > 0 ? (
          <ReferenceLine
            y={model.level.value}
            stroke="var(--text)"
            strokeDasharray="4 4"
            ifOverflow="extendDomain"
            label={
              model.level.word === ""
                ? undefined
                : {
                    value: `${model.level.word} ${model.level.text}`,
                    position: "insideTopRight",
                    fill: "var(--muted)",
                    fontSize: 11,
                  }
            }
          />
        ) : null}
        {(model.marks ?? []).map((mark) => (
          <ReferenceLine
            key={mark.at + mark.word}
            x={mark.at}
            stroke="var(--control)"
            strokeDasharray="2 3"
            label={{ value: mark.word, position: "insideTopLeft", fill: "var(--muted)", fontSize: 11 }}
          />
        ))}
      </ComposedChart>
    </ResponsiveContainer>
  );
}

const TICK = { fill: "var(--faint)", fontSize: 11 };

type Placed = ChartSeries & { readonly index: number };

function seriesOf(series: Placed, kind: TimeChartKind, id: string) {
  const dataKey = `v${series.index}`;
  const colour = categoryColour(series.slot);
  const dash = series.line === "dashed" ? "5 4" : undefined;
  if (kind === "lines" || kind === "steps" || series.line === "dashed")
    return (
      <Line
        key={series.key}
        dataKey={dataKey}
        name={series.name}
        type={kind === "steps" ? "stepAfter" : "linear"}
        stroke={series.line === "dashed" && series.slot === "other" ? "var(--accent)" : colour}
        strokeWidth={1.5}
        strokeDasharray={dash ?? (isDotted(series.slot) ? "1 3" : undefined)}
        dot={false}
        connectNulls={false}
        isAnimationActive={false}
      />
    );
  if (kind === "areas")
    return (
      <Area
        key={series.key}
        dataKey={dataKey}
        name={series.name}
        stackId="stack"
        type="linear"
        stroke={colour}
        strokeWidth={1}
        fill={`url(#${id}s${series.index})`}
        fillOpacity={1}
        dot={false}
        connectNulls={false}
        isAnimationActive={false}
      />
    );
  return (
    <Bar
      key={series.key}
      dataKey={dataKey}
      name={series.name}
      stackId="stack"
      maxBarSize={44}
      isAnimationActive={false}
      shape={(props: { x?: number; y?: number; width?: number; height?: number; payload?: Drawn }) => (
        <BarPart {...props} fill={`url(#${id}s${series.index})`} hatch={`url(#${id}hatch)`} />
      )}
    />
  );
}

function BarPart({
  x = 0,
  y = 0,
  width = 0,
  height = 0,
  payload,
  fill,
  hatch,
}: {
  x?: number;
  y?: number;
  width?: number;
  height?: number;
  payload?: Drawn;
  fill: string;
  hatch: string;
}) {
  // A hairline of the surface keeps neighbours in a stack apart for every eye.
  const drawn = Math.max(0, height - (height > 3 ? 1 : 0));
  const shape = { x, y, width: Math.max(0, width), height: drawn };
  return (
    <g>
      <rect {...shape} fill={fill} />
      {payload?.point.state === "partial" ? <rect {...shape} fill={hatch} /> : null}
    </g>
  );
}

function SeriesPattern({ id, series }: { id: string; series: ChartSeries }) {
  return (
    <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse">
      <rect width="6" height="6" fill={categoryColour(series.slot)} />
      {isDotted(series.slot) ? <circle cx="3" cy="3" r="1.4" fill="var(--surface)" /> : null}
    </pattern>
  );
}

/** The runs of neighbouring points in a state, as keys of their first and last point. */
function stretches(points: readonly ChartPoint[], state: ChartPoint["state"]): [string, string][] {
  const runs: [string, string][] = [];
  points.forEach((point, index) => {
    if (point.state !== state) return;
    const run = runs.at(-1);
    if (run && points[index - 1]?.state === state) run[1] = point.key;
    else runs.push([point.key, point.key]);
  });
  return runs;
}
