"use client";

import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import { cn } from "../ui/class-names.ts";
import { Badge } from "./badges.tsx";
import { carried, DESTINATIONS, isAt } from "./navigation.ts";

const GROUPS = ["Spend", "Health", "Data"] as const;

/** The pages at the left of a desk's screen. */
export function Sidebar({ tenant }: { tenant: string }) {
  const path = usePathname();
  const search = carried(useSearchParams());
  return (
    <aside
      data-print="hide"
      data-shell=""
      className="sticky top-0 flex h-dvh w-48 shrink-0 flex-col gap-4 border-r px-3 py-3 max-md:hidden"
    >
      <Link href={`/${search}`} className="flex h-8 items-center gap-2 px-2 font-medium">
        <Mark />
        Token Ledger
      </Link>
      <nav aria-label="Pages" className="flex flex-1 flex-col gap-4 overflow-y-auto">
        {GROUPS.map((group) => (
          <div key={group}>
            <p className="px-2 pb-1 text-xs text-faint uppercase tracking-wider">{group}</p>
            <ul>
              {DESTINATIONS.filter((destination) => destination.group === group).map((destination) => {
                const isCurrent = isAt(destination, path);
                return (
                  <li key={destination.path}>
                    <Link
                      href={`${destination.path}${search}`}
                      aria-current={isCurrent ? "page" : undefined}
                      className={cn(
                        "flex h-7 items-center gap-2 rounded-md px-2",
                        isCurrent ? "bg-sunken font-medium text-text" : "text-muted hover:bg-sunken hover:text-text",
                      )}
                    >
                      <destination.icon size={14} aria-hidden="true" />
                      {destination.name}
                      <Badge path={destination.path} />
                    </Link>
                  </li>
                );
              })}
            </ul>
          </div>
        ))}
      </nav>
      <p className="px-2 text-xs text-faint">{tenant}</p>
    </aside>
  );
}

function Mark() {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <rect width="16" height="16" rx="4" fill="var(--accent-fill)" />
      <path d="M4 5h8M4 8h8M4 11h5" stroke="var(--on-accent)" strokeWidth="1.5" strokeLinecap="round" />
    </svg>
  );
}
