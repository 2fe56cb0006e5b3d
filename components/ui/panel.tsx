import type { ReactNode } from "react";
import { cn } from "./class-names.ts";
import { StateWord } from "./state-word.tsx";

/** A titled part of a page, separated by space and a hairline. `note` is the partial face: what is missing and why. */
export function Panel({
  title,
  unit,
  aside,
  note,
  children,
  className,
  id,
}: {
  title: string;
  unit?: string;
  aside?: ReactNode;
  note?: ReactNode;
  children: ReactNode;
  className?: string;
  id?: string;
}) {
  const headingId = `${id ?? title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}-title`;
  return (
    <section aria-labelledby={headingId} className={cn("min-w-0 rounded-md border bg-surface", className)}>
      <header className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-b px-4 py-1.5">
        <h2 id={headingId} className="text-base font-medium">
          {title}
        </h2>
        {unit ? <span className="text-sm text-faint">{unit}</span> : null}
        {aside ? <div className="ml-auto flex items-center gap-2 text-sm">{aside}</div> : null}
      </header>
      {note ? <PanelPartial>{note}</PanelPartial> : null}
      {children}
    </section>
  );
}

/** The empty face: what would fill the panel, and the next step. */
export function PanelEmpty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-1 px-6 py-10 text-center" data-face="empty">
      <p>{title}</p>
      {children ? <div className="max-w-prose text-sm text-muted">{children}</div> : null}
    </div>
  );
}

/** The partial face: what is missing and why, above what is there. */
export function PanelPartial({ children }: { children: ReactNode }) {
  return (
    <div className="flex flex-wrap gap-x-3 border-b bg-watch-soft px-4 py-1.5 text-sm" data-face="partial">
      <StateWord state="watch">partial</StateWord>
      <span>{children}</span>
    </div>
  );
}

/** The failed face: what was tried, what happened, and what to do next. */
export function PanelFailed({ tried, happened, next }: { tried: string; happened: string; next: ReactNode }) {
  return (
    <div className="flex flex-col gap-1 px-4 py-6" data-face="failed" role="alert">
      <p>
        <StateWord state="firing">{tried}</StateWord>
      </p>
      <p className="text-sm text-muted">{happened}</p>
      <div className="mt-1 text-sm">{next}</div>
    </div>
  );
}

/** The loading face: grey shapes of the final size, nothing that spins. */
export function PanelSkeleton({ title, height, className }: { title?: string; height: number; className?: string }) {
  return (
    <div className={cn("rounded-md border bg-surface", className)} aria-hidden="true" data-face="loading">
      {title === undefined ? null : (
        <div className="flex min-h-10 items-center border-b px-4">
          <div className="skeleton h-3 w-40" />
        </div>
      )}
      <div className="p-4">
        <div className="skeleton w-full" style={{ height }} />
      </div>
    </div>
  );
}
