"use client";

import { X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "./button.tsx";
import { cn } from "./class-names.ts";

const PLACES = {
  middle: "m-auto w-[min(560px,calc(100vw-32px))] max-h-[calc(100dvh-64px)] rounded-md animate-menu",
  top: "mx-auto mt-[12dvh] mb-auto w-[min(600px,calc(100vw-32px))] rounded-md animate-menu",
  right:
    "my-0 mr-0 ml-auto h-dvh max-h-dvh w-[min(640px,100%)] max-w-none rounded-none border-y-0 border-r-0 animate-drawer",
} as const;

/** A modal layer on the browser's own `<dialog>`: it keeps the focus inside, closes on Escape and gives the focus back. */
export function Dialog({
  title,
  isOpen,
  onClose,
  place = "middle",
  hasHeader = true,
  children,
}: {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  place?: keyof typeof PLACES;
  hasHeader?: boolean;
  children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (isOpen && dialog && !dialog.open) {
      dialog.showModal();
      dialog.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    }
    if (!isOpen && dialog?.open) dialog.close();
  }, [isOpen]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the click only closes on the backdrop; Escape does it from the keyboard.
    <dialog
      ref={ref}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && onClose()}
      className={cn(
        "overflow-hidden border bg-raised p-0 text-text shadow-lg backdrop:bg-[rgb(0_0_0/0.35)]",
        PLACES[place],
      )}
    >
      {isOpen ? (
        <div className="flex h-full max-h-[inherit] flex-col">
          {hasHeader ? (
            <header className="flex items-center justify-between gap-4 border-b py-2 pr-2 pl-4">
              <h2 className="text-lg font-medium">{title}</h2>
              <Button tone="quiet" size="icon" aria-label="Close" onClick={onClose}>
                <X size={16} aria-hidden="true" />
              </Button>
            </header>
          ) : null}
          <div className="min-h-0 flex-1 overflow-auto">{children}</div>
        </div>
      ) : null}
    </dialog>
  );
}
