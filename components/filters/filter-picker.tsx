"use client";

import { Command } from "cmdk";
import { Plus } from "lucide-react";
import { useRouter, useSearchParams } from "next/navigation";
import { Popover } from "radix-ui";
import { useState } from "react";
import type { ChargeDimension } from "#lib/ledger/charge-query.ts";
import { dimensionName, dimensionValueName } from "#lib/url/dimension-name.ts";
import { Button } from "../ui/button.tsx";
import { useDimensionValues } from "./use-dimension-values.ts";

const OFFERED: readonly ChargeDimension[] = [
  "team",
  "deployment",
  "model",
  "account",
  "region",
  "application",
  "tokenKind",
  "scope",
  "mode",
  "operation",
];

/** Adds a filter to the URL: first the dimension, then one of its values, dearest first. */
export function FilterPicker({ path }: { path: string }) {
  const [isOpen, setOpen] = useState(false);
  const [dimension, setDimension] = useState<ChargeDimension>();
  const search = useSearchParams();
  const router = useRouter();
  const values = useDimensionValues(dimension);
  function change(open: boolean) {
    setOpen(open);
    setDimension(undefined);
  }
  function add(value: string) {
    if (!dimension) return;
    const next = new URLSearchParams(search);
    if (!next.getAll(dimension).includes(value)) next.append(dimension, value);
    change(false);
    router.push(`${path}?${next}`);
  }
  return (
    <Popover.Root open={isOpen} onOpenChange={change}>
      <Popover.Trigger asChild>
        <Button size="small" tone="quiet" data-key="f">
          <Plus size={12} aria-hidden="true" />
          filter
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label="Add a filter"
          className="z-40 w-72 animate-menu rounded-md border bg-raised text-text shadow-lg"
        >
          <Command label="Add a filter" key={dimension ?? "dimension"}>
            <Command.Input
              autoFocus
              placeholder={dimension ? `Which ${dimensionName(dimension)}?` : "Filter by…"}
              className="h-9 w-full border-b bg-transparent px-3 outline-none placeholder:text-faint max-md:h-11"
            />
            <Command.List className="max-h-72 overflow-auto p-1">
              <Command.Empty className="px-2 py-3 text-sm text-muted">
                {dimension && values.state === "loading"
                  ? "Reading the ledger…"
                  : dimension && values.state === "failed"
                    ? values.message
                    : "Nothing of that name in this period."}
              </Command.Empty>
              {dimension
                ? values.values.map((value) => (
                    <Command.Item
                      key={value.value}
                      value={value.value || "(none)"}
                      onSelect={() => add(value.value)}
                      className={ITEM}
                    >
                      <span className="truncate">{dimensionValueName(dimension, value.value)}</span>
                      <span className="figures ml-auto text-sm text-faint">{value.cost}</span>
                    </Command.Item>
                  ))
                : OFFERED.map((name) => (
                    <Command.Item
                      key={name}
                      value={dimensionName(name)}
                      onSelect={() => setDimension(name)}
                      className={ITEM}
                    >
                      {dimensionName(name)}
                    </Command.Item>
                  ))}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

const ITEM =
  "flex min-h-7 cursor-pointer items-center gap-3 rounded-sm px-2 py-1 data-[selected=true]:bg-sunken max-md:min-h-11";
