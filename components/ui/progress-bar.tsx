/** How far something is, between 0 and 1. */
export function ProgressBar({ label, share }: { label: string; share: number }) {
  const percent = Math.round(Math.max(0, Math.min(1, share)) * 100);
  return (
    <div role="progressbar" aria-label={label} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}>
      <svg width="100%" height="6" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" className="block">
        <rect width="100" height="6" fill="var(--sunken)" />
        <rect width={percent} height="6" fill="var(--accent-fill)" />
      </svg>
    </div>
  );
}
