"use client";

import { ChevronDown } from "lucide-react";
import Link from "next/link";
import { Button } from "../ui/button.tsx";
import { Menu, MenuItem } from "../ui/menu.tsx";

export type PickerItem = { readonly name: string; readonly href: string; readonly isOn: boolean };

/** A menu of links to the same page in another state. */
export function PickerMenu({
  label,
  name,
  shortcut,
  items,
}: {
  label: string;
  name: string;
  shortcut?: string;
  items: readonly PickerItem[];
}) {
  return (
    <Menu
      align="start"
      trigger={
        <Button size="small" aria-label={`${name}: ${label}`} data-key={shortcut}>
          {label}
          <ChevronDown size={12} aria-hidden="true" />
        </Button>
      }
    >
      {items.map((item) => (
        <MenuItem key={item.href + item.name} asChild>
          <Link href={item.href} aria-current={item.isOn ? "true" : undefined}>
            <span aria-hidden="true" className="w-3">
              {item.isOn ? "✓" : ""}
            </span>
            {item.name}
          </Link>
        </MenuItem>
      ))}
    </Menu>
  );
}
