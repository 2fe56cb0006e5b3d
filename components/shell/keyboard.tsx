"use client";

import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { Dialog } from "../ui/dialog.tsx";
import { carried, DESTINATIONS } from "./navigation.ts";

const KEYS = [
  ["Ctrl K or ⌘ K", "command palette"],
  ["/", "search the table or the palette"],
  ["t", "period"],
  ["[ and ]", "period before and after"],
  ["c", "comparison"],
  ["u", "time zone"],
  ["f", "filter"],
  ["?", "this list"],
] as const;

/** The keys of every page. A control names its own key with `data-key`, so a key works where its control is shown. */
export function Keyboard() {
  const [isOpen, setOpen] = useState(false);
  const router = useRouter();
  const path = usePathname();
  const search = useSearchParams();
  const goSince = useRef(0);

  useEffect(() => {
    function press(event: KeyboardEvent) {
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        isTyping(event.target) ||
        document.querySelector("dialog[open]")
      )
        return;
      if (Date.now() - goSince.current < GO_WAIT_MS) {
        goSince.current = 0;
        const destination = DESTINATIONS.find(({ key }) => key === event.key);
        if (destination) router.push(`${destination.path}${carried(search)}`);
        return;
      }
      if (event.key === "g") goSince.current = Date.now();
      else if (event.key === "?") setOpen(true);
      else if (event.key === "/") {
        event.preventDefault();
        const field = document.querySelector<HTMLInputElement>("main input[type=search]");
        if (field) field.focus();
        else window.dispatchEvent(new Event("open-palette"));
      } else {
        const control = [...document.querySelectorAll<HTMLElement>("[data-key]")].find(
          (item) => item.dataset.key === event.key,
        );
        if (!control) return;
        event.preventDefault();
        control.focus();
        // A menu trigger listens for pointer and keys, not for click().
        if (control.getAttribute("aria-haspopup") === "menu")
          control.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
        else control.click();
      }
    }
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [router, search]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the list closes when the page changes.
  useEffect(() => setOpen(false), [path]);

  return (
    <Dialog title="Keys" isOpen={isOpen} onClose={() => setOpen(false)}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 p-4">
        {[...KEYS, ...DESTINATIONS.map(({ key, name }) => [`g ${key}`, `go to ${name}`] as const)].map(
          ([key, meaning]) => (
            <div key={key} className="contents">
              <dt className="font-mono text-sm">{key}</dt>
              <dd className="text-muted">{meaning}</dd>
            </div>
          ),
        )}
      </dl>
    </Dialog>
  );
}

const GO_WAIT_MS = 1_200;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName) ||
      target.closest("[role=menu]") !== null)
  );
}
