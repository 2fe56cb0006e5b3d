"use client";

import { Check, Copy } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";

/** Copies a text and says so. */
export function CopyButton({ text, children }: { text: string; children: ReactNode }) {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  async function copy() {
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    setState(isCopied ? "copied" : "refused");
    setTimeout(() => setState("idle"), 2_000);
  }
  return (
    <Button size="small" onClick={copy}>
      {state === "copied" ? <Check size={12} aria-hidden="true" /> : <Copy size={12} aria-hidden="true" />}
      <span aria-live="polite">
        {state === "copied" ? "Copied" : state === "refused" ? "The browser refused to copy" : children}
      </span>
    </Button>
  );
}
