/** A share between 0 and 1 as a thin bar; the number stands beside it, so the bar is decoration. */
export function ShareBar({ share, colour = "var(--category-other)" }: { share: number; colour?: string }) {
  const width = Math.max(0, Math.min(1, share)) * 100;
  return (
    <svg
      width="56"
      height="6"
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      aria-hidden="true"
      className="inline-block"
    >
      <rect width="100" height="6" rx="3" fill="var(--sunken)" />
      <rect width={width} height="6" rx="3" fill={colour} />
    </svg>
  );
}
