import Link from "next/link";
import { cn } from "../ui/class-names.ts";

/** A few views of the same panel beside one another; each is a link. */
export function CutSwitch({
  label,
  items,
}: {
  label: string;
  items: readonly { readonly name: string; readonly href: string; readonly isOn: boolean }[];
}) {
  return (
    <nav aria-label={label} className="flex rounded-md border p-px" data-print="hide">
      {items.map((item) => (
        <Link
          key={item.name}
          href={item.href}
          scroll={false}
          aria-current={item.isOn ? "true" : undefined}
          className={cn(
            "flex h-6 items-center rounded-sm px-2 text-sm max-md:h-11",
            item.isOn ? "bg-sunken font-medium text-text" : "text-muted hover:text-text",
          )}
        >
          {item.name}
        </Link>
      ))}
    </nav>
  );
}
