import {
  Activity,
  Bell,
  Database,
  LayoutDashboard,
  type LucideIcon,
  PiggyBank,
  Scale,
  Server,
  Settings,
  SquareTerminal,
  Tag,
  Users,
} from "lucide-react";

export type Destination = {
  readonly path: string;
  readonly name: string;
  readonly group: "Spend" | "Health" | "Data";
  /** Pressed after `g`. */
  readonly key: string;
  readonly icon: LucideIcon;
  readonly isInBottomBar: boolean;
};

/** The pages that exist, in the order of the sidebar. */
export const DESTINATIONS: readonly Destination[] = [
  { path: "/", name: "Overview", group: "Spend", key: "o", icon: LayoutDashboard, isInBottomBar: true },
  { path: "/teams", name: "Teams", group: "Spend", key: "t", icon: Users, isInBottomBar: false },
  { path: "/budgets", name: "Budgets", group: "Spend", key: "b", icon: PiggyBank, isInBottomBar: false },
  { path: "/reconcile", name: "Reconcile", group: "Spend", key: "r", icon: Scale, isInBottomBar: false },
  { path: "/prices", name: "Prices", group: "Spend", key: "p", icon: Tag, isInBottomBar: false },
  { path: "/now", name: "Now", group: "Health", key: "n", icon: Activity, isInBottomBar: true },
  { path: "/deployments", name: "Deployments", group: "Health", key: "d", icon: Server, isInBottomBar: false },
  { path: "/alerts", name: "Alerts", group: "Health", key: "a", icon: Bell, isInBottomBar: true },
  { path: "/query", name: "Query", group: "Data", key: "q", icon: SquareTerminal, isInBottomBar: false },
  { path: "/data", name: "Data", group: "Data", key: "y", icon: Database, isInBottomBar: false },
  { path: "/settings", name: "Settings", group: "Data", key: "s", icon: Settings, isInBottomBar: false },
];

/** Whether `path` is the page of a destination or one below it. */
export function isAt(destination: Destination, path: string): boolean {
  return destination.path === "/" ? path === "/" : path === destination.path || path.startsWith(`${destination.path}/`);
}

/** What follows people from page to page: period, zone, comparison and filters, but no drawer, grouping or page's own state. */
export function carried(search: URLSearchParams): string {
  const kept = new URLSearchParams();
  for (const [name, value] of search) if (!LEFT_BEHIND.has(name)) kept.append(name, value);
  const text = kept.toString();
  return text ? `?${text}` : "";
}

const LEFT_BEHIND = new Set(["receipt", "by", "edit", "q", "find", "when", "history", "since", "until"]);
