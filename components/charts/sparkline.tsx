/**
 * A line without axes for a tile or a cell; null is a gap, because no data is not zero.
 * The numbers stand beside it, so it is hidden from readers of the page's text.
 */
export function Sparkline({
  values,
  width = 60,
  height = 20,
  colour = "var(--muted)",
}: {
  values: readonly (number | null)[];
  width?: number;
  height?: number;
  colour?: string;
}) {
  const known = values.filter((value) => value !== null);
  const top = Math.max(...known, 0) || 1;
  const step = values.length > 1 ? (width - 2) / (values.length - 1) : 0;
  const path = values
    .map((value, index) => {
      if (value === null) return "";
      const begins = index === 0 || values[index - 1] === null;
      return `${begins ? "M" : "L"}${(1 + index * step).toFixed(1)} ${(height - 2 - (value / top) * (height - 4)).toFixed(1)}`;
    })
    .join("");
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
      className="inline-block align-middle"
    >
      <path d={path} fill="none" stroke={colour} strokeWidth="1.25" strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  );
}
