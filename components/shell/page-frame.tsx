import Link from "next/link";
import type { ReactNode } from "react";
import { formatCount } from "#lib/format/format-count.ts";
import type { PageContext } from "#lib/reports/page-context.ts";
import { ClockLink, ControlBar } from "../filters/control-bar.tsx";
import { buttonStyle } from "../ui/button.tsx";
import { cn } from "../ui/class-names.ts";
import { Panel, PanelEmpty } from "../ui/panel.tsx";
import { StateWord } from "../ui/state-word.tsx";
import { SelfRefresh } from "./self-refresh.tsx";

/** One page inside the shell: its name, the one bar of controls and its panels. */
export function PageFrame({
  title,
  path,
  context,
  crumb,
  controls,
  needsLedger = true,
  children,
}: {
  title: string;
  path: string;
  context: PageContext;
  crumb?: ReactNode;
  /** Which controls change what this page shows; the data clock is on every page. */
  controls: { readonly period: boolean; readonly compare: boolean; readonly filters: boolean };
  /** The page is made of the ledger's figures: while nothing has been read, they are unknown and not drawn as zero. */
  needsLedger?: boolean;
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
        <ClockLink context={context} />
      </header>
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto flex max-w-[1440px] flex-col gap-4 px-6 py-5 outline-none max-md:px-4 max-md:pb-24"
      >
        {context.params.isWall ? <SelfRefresh everyMs={60_000} /> : null}
        {controls.period && context.shownNote !== null && context.clock.dataTo !== null ? (
          <StateWord state="watch" className="text-sm">
            {context.shownNote}
          </StateWord>
        ) : null}
        {needsLedger && context.clock.dataTo === null ? <NothingRead context={context} /> : children}
      </main>
    </div>
  );
}

function NothingRead({ context }: { context: PageContext }) {
  const { readBack } = context.clock;
  return (
    <Panel title="Nothing has been read yet" id="nothing-read">
      <PanelEmpty title="What was spent is unknown, not zero.">
        <p>
          {readBack.state === "running"
            ? `The first days are being read: ${formatCount(readBack.daysDone)} of ${formatCount(readBack.daysTotal)}.`
            : "The newest day is read within two minutes of the start, then the days before it."}
        </p>
        <Link href="/data" className={cn(buttonStyle({ size: "small" }), "mt-2")}>
          How far each source is
        </Link>
      </PanelEmpty>
    </Panel>
  );
}
