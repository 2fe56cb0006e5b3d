import type { ReactNode } from "react";
import type { PageContext } from "#lib/reports/page-context.ts";
import { ControlBar } from "../filters/control-bar.tsx";

/** One page inside the shell: its name, the one bar of controls and its panels. */
export function PageFrame({
  title,
  path,
  context,
  crumb,
  controls,
  children,
}: {
  title: string;
  path: string;
  context: PageContext;
  crumb?: ReactNode;
  /** Which controls change what this page shows; the data clock is on every page. */
  controls: { readonly period: boolean; readonly compare: boolean; readonly filters: boolean };
  children: ReactNode;
}) {
  return (
    <div className="min-w-0 flex-1" data-wall={context.params.isWall ? "" : undefined}>
      <header className="sticky top-0 z-20 flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1 border-b bg-background px-6 py-2 max-md:static max-md:px-4">
        <div className="flex items-baseline gap-2">
          {crumb}
          <h1 className="text-lg font-medium">{title}</h1>
        </div>
        <ControlBar path={path} context={context} controls={controls} />
      </header>
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto flex max-w-[1440px] flex-col gap-4 px-6 py-5 outline-none max-md:px-4 max-md:pb-24"
      >
        {children}
      </main>
    </div>
  );
}
