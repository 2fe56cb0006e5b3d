"use client";

import { Ellipsis } from "lucide-react";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import { cn } from "../ui/class-names.ts";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { Badge } from "./badges.tsx";
import { carried, DESTINATIONS, isAt } from "./navigation.ts";

const ITEM = "flex h-14 w-full flex-col items-center justify-center gap-0.5 text-xs";

/** The pages at the foot of a phone's screen. */
export function BottomBar() {
  const path = usePathname();
  const search = carried(useSearchParams());
  const others = DESTINATIONS.filter((destination) => !destination.isInBottomBar);
  const isOther = others.some((destination) => isAt(destination, path));
  return (
    <nav
      aria-label="Pages"
      data-print="hide"
      data-shell=""
      className="fixed inset-x-0 bottom-0 z-30 grid grid-cols-4 border-t bg-raised pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {DESTINATIONS.filter((destination) => destination.isInBottomBar).map((destination) => {
        const isCurrent = isAt(destination, path);
        return (
          <Link
            key={destination.path}
            href={`${destination.path}${search}`}
            aria-current={isCurrent ? "page" : undefined}
            className={cn(ITEM, isCurrent ? "font-medium text-accent" : "text-muted")}
          >
            <destination.icon size={18} aria-hidden="true" />
            <span className="flex gap-1">
              {destination.name}
              <Badge path={destination.path} />
            </span>
          </Link>
        );
      })}
      <Menu
        trigger={
          <button type="button" className={cn(ITEM, isOther ? "font-medium text-accent" : "text-muted")}>
            <Ellipsis size={18} aria-hidden="true" />
            More
          </button>
        }
      >
        {others.map((destination) => (
          <MenuItem key={destination.path} asChild>
            <Link href={`${destination.path}${search}`}>
              <destination.icon size={14} aria-hidden="true" />
              {destination.name}
            </Link>
          </MenuItem>
        ))}
      </Menu>
    </nav>
  );
}
