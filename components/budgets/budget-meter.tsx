/** How much of a budget is used, with a mark where even spending would be and one where the forecast ends. */
export function BudgetMeter({
  used,
  elapsed,
  forecast,
  state,
}: {
  used: number;
  elapsed: number;
  forecast: number | null;
  state: "ok" | "warning" | "over";
}) {
  const top = Math.max(1, used, forecast ?? 0);
  const at = (share: number) => (Math.max(0, share) / top) * 100;
  const fill = { ok: "var(--ok)", warning: "var(--watch)", over: "var(--firing)" }[state];
  return (
    <svg width="100%" height="16" viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true" className="block">
      <rect y="4" width="100" height="8" fill="var(--sunken)" />
      {forecast === null ? null : <rect y="4" width={at(forecast)} height="8" fill={fill} opacity="0.3" />}
      <rect y="4" width={at(used)} height="8" fill={fill} />
      <line
        x1={at(1)}
        x2={at(1)}
        y1="1"
        y2="15"
        stroke="var(--text)"
        strokeWidth="2"
        vectorEffect="non-scaling-stroke"
      />
      <line
        x1={at(elapsed)}
        x2={at(elapsed)}
        y1="1"
        y2="15"
        stroke="var(--muted)"
        strokeWidth="1"
        strokeDasharray="2 2"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
