import Link from "next/link";
import { buttonStyle } from "./button.tsx";

/** Where a table that comes in pages stands, and the ways to its neighbours; nothing when there is one page. */
export function Pager({
  label,
  where,
  previous,
  next,
}: {
  label: string;
  where: string;
  previous: string | null;
  next: string | null;
}) {
  if (previous === null && next === null) return null;
  return (
    <nav aria-label={label} className="flex flex-wrap items-center gap-2 border-t px-4 py-2" data-print="hide">
      <span className="figures mr-auto text-sm text-muted">{where}</span>
      {previous === null ? null : (
        <Link href={previous} rel="prev" className={buttonStyle({ size: "small" })}>
          Previous
        </Link>
      )}
      {next === null ? null : (
        <Link href={next} rel="next" className={buttonStyle({ size: "small" })}>
          Next
        </Link>
      )}
    </nav>
  );
}
