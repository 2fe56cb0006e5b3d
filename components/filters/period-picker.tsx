"use client";

import { ChevronDown } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { Popover } from "radix-ui";
import { useState } from "react";
import { Button, buttonStyle } from "../ui/button.tsx";
import { cn } from "../ui/class-names.ts";
import { FIELD } from "../ui/field.tsx";
import type { PickerItem } from "./picker-menu.tsx";

/** The period: presets as links, or two days of one's own. */
export function PeriodPicker({
  label,
  presets,
  custom,
}: {
  label: string;
  presets: readonly PickerItem[];
  custom: { readonly base: string; readonly from: string; readonly last: string };
}) {
  const [isOpen, setOpen] = useState(false);
  const router = useRouter();
  function choose(form: FormData) {
    const url = new URL(custom.base, window.location.origin);
    url.searchParams.set("period", `${form.get("from")}..${form.get("last")}`);
    setOpen(false);
    router.push(url.pathname + url.search);
  }
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button size="small" aria-label={`Period: ${label}`} data-key="t" className="figures">
          {label}
          <ChevronDown size={12} aria-hidden="true" />
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label="Period"
          className="z-40 w-64 animate-menu rounded-md border bg-raised p-2 text-text shadow-lg"
        >
          <ul className="grid grid-cols-2 gap-1">
            {presets.map((preset) => (
              <li key={preset.name}>
                <Link
                  href={preset.href}
                  onClick={() => setOpen(false)}
                  aria-current={preset.isOn ? "true" : undefined}
                  className={cn(
                    buttonStyle({ tone: "quiet", size: "small" }),
                    "w-full justify-start",
                    preset.isOn && "bg-sunken text-text",
                  )}
                >
                  {preset.name}
                </Link>
              </li>
            ))}
          </ul>
          <form action={choose} className="mt-2 grid grid-cols-2 gap-2 border-t pt-2 text-sm">
            <label className="flex flex-col gap-1">
              <span className="text-muted">From</span>
              <input type="date" name="from" required defaultValue={custom.from} className={FIELD} />
            </label>
            <label className="flex flex-col gap-1">
              <span className="text-muted">To (inside)</span>
              <input type="date" name="last" required defaultValue={custom.last} className={FIELD} />
            </label>
            <Button type="submit" size="small" className="col-span-2">
              Show these days
            </Button>
          </form>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
