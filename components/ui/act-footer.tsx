import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { cn } from "./class-names.ts";

/** The foot of an act: leave everything as it is, look first (`children`), or do it. Without `onAct` the act submits its form. */
export function ActFooter({
  leave,
  onLeave,
  act,
  onAct,
  isBusy = false,
  className,
  children,
}: {
  leave: string;
  onLeave: () => void;
  act: string;
  onAct?: () => void;
  isBusy?: boolean;
  className?: string;
  children?: ReactNode;
}) {
  return (
    <footer className={cn("flex flex-wrap justify-end gap-2 border-t", className)}>
      <Button tone="quiet" onClick={onLeave}>
        {leave}
      </Button>
      {children}
      <Button tone="main" type={onAct ? "button" : "submit"} disabled={isBusy} onClick={onAct}>
        {act}
      </Button>
    </footer>
  );
}
