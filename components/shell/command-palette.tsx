"use client";

import { Command } from "cmdk";
import { useRouter, useSearchParams } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import { dimensionValueName } from "#lib/url/dimension-name.ts";
import { deploymentPath, teamPath } from "#lib/url/page-path.ts";
import { useDimensionValues } from "../filters/use-dimension-values.ts";
import { setTheme } from "../theme/set-theme.ts";
import { Dialog } from "../ui/dialog.tsx";
import { carried, DESTINATIONS } from "./navigation.ts";

/** Ctrl K or ⌘ K: go to a page, open a deployment or a team, switch the theme, copy the link. */
export function CommandPalette() {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    function press(event: KeyboardEvent) {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen((wasOpen) => !wasOpen);
    }
    const open = () => setOpen(true);
    window.addEventListener("keydown", press);
    window.addEventListener("open-palette", open);
    return () => {
      window.removeEventListener("keydown", press);
      window.removeEventListener("open-palette", open);
    };
  }, []);
  return (
    <Dialog title="Command palette" isOpen={isOpen} onClose={() => setOpen(false)} place="top" hasHeader={false}>
      <Commands onDone={() => setOpen(false)} />
    </Dialog>
  );
}

function Commands({ onDone }: { onDone: () => void }) {
  const router = useRouter();
  const params = useSearchParams();
  const search = carried(params);
  const deployments = useDimensionValues("deployment");
  const teams = useDimensionValues("team");
  function run(action: () => void) {
    onDone();
    action();
  }
  return (
    <Command label="Command palette" loop>
      <Command.Input
        data-autofocus=""
        placeholder="Go to a page, a deployment, a team…"
        className="h-11 w-full border-b bg-transparent px-4 outline-none placeholder:text-faint"
      />
      <Command.List className="max-h-[60dvh] overflow-auto p-1">
        <Command.Empty className="px-3 py-4 text-muted">Nothing of that name.</Command.Empty>
        <Group heading="Pages">
          {DESTINATIONS.map((destination) => (
            <Item
              key={destination.path}
              value={`page ${destination.name}`}
              onSelect={() => run(() => router.push(destination.path + search))}
            >
              <destination.icon size={14} aria-hidden="true" />
              {destination.name}
              <kbd className="ml-auto font-mono text-sm text-faint">g {destination.key}</kbd>
            </Item>
          ))}
        </Group>
        <Group heading="Deployments">
          {deployments.values.map(({ value, cost }) => (
            <Item
              key={value}
              value={`deployment ${value}`}
              onSelect={() => run(() => router.push(deploymentPath(value) + search))}
            >
              {value}
              <span className="figures ml-auto text-sm text-faint">{cost}</span>
            </Item>
          ))}
        </Group>
        <Group heading="Teams">
          {teams.values.map(({ value, cost }) => (
            <Item key={value} value={`team ${value}`} onSelect={() => run(() => router.push(teamPath(value) + search))}>
              {dimensionValueName("team", value)}
              <span className="figures ml-auto text-sm text-faint">{cost}</span>
            </Item>
          ))}
        </Group>
        <Group heading="Here">
          <Item value="copy link" onSelect={() => run(() => void navigator.clipboard.writeText(window.location.href))}>
            Copy the link to this view
          </Item>
          {(["light", "dark", "system"] as const).map((theme) => (
            <Item key={theme} value={`theme ${theme}`} onSelect={() => run(() => setTheme(theme))}>
              {theme === "system" ? "Theme of the system" : `${theme === "light" ? "Light" : "Dark"} theme`}
            </Item>
          ))}
        </Group>
      </Command.List>
    </Command>
  );
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="**:[[cmdk-group-heading]]:px-3 **:[[cmdk-group-heading]]:pt-2 **:[[cmdk-group-heading]]:pb-1 **:[[cmdk-group-heading]]:text-xs **:[[cmdk-group-heading]]:text-faint"
    >
      {children}
    </Command.Group>
  );
}

function Item({ value, onSelect, children }: { value: string; onSelect: () => void; children: ReactNode }) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex min-h-8 cursor-pointer items-center gap-2 rounded-sm px-3 data-[selected=true]:bg-sunken max-md:min-h-11"
    >
      {children}
    </Command.Item>
  );
}
