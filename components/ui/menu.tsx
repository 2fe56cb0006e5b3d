"use client";

import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";

/** A menu below a trigger. It is not modal, so the page behind it stays as it is. */
export function Menu({
  trigger,
  children,
  align = "end",
}: {
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="z-40 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 animate-menu overflow-auto rounded-md border bg-raised p-1 text-text shadow-lg"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const ITEM =
  "flex min-h-7 w-full items-center gap-2 rounded-sm px-2 py-1 text-left outline-none data-highlighted:bg-sunken max-md:min-h-11";

/** One line of a menu: an action, or a link when the child is one (`asChild`). */
export function MenuItem({
  onSelect,
  asChild = false,
  children,
}: {
  onSelect?: () => void;
  asChild?: boolean;
  children: ReactNode;
}) {
  return (
    <DropdownMenu.Item className={ITEM} asChild={asChild} onSelect={onSelect}>
      {children}
    </DropdownMenu.Item>
  );
}

export function MenuCheck({
  isOn,
  onChange,
  children,
}: {
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  children: ReactNode;
}) {
  return (
    <DropdownMenu.CheckboxItem
      className={ITEM}
      checked={isOn}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
    >
      <span aria-hidden="true" className="w-3">
        {isOn ? "✓" : ""}
      </span>
      {children}
    </DropdownMenu.CheckboxItem>
  );
}
