"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { ActFooter } from "../ui/act-footer.tsx";
import { Button } from "../ui/button.tsx";
import { Panel, PanelEmpty } from "../ui/panel.tsx";
import { sendCommand } from "../ui/send-command.ts";
import { type Progress, sendLong } from "../ui/send-long.ts";
import { type BeforeAfter, BeforeAfterTable } from "./before-after-table.tsx";

/** What `POST /api/repricing/preview` answers; null while the ledger has no usage. */
type Preview = {
  readonly months: readonly (BeforeAfter & { readonly id: string; readonly month: string; readonly team: string })[];
  readonly total: BeforeAfter;
  readonly changed: number;
  readonly standing: number;
  readonly isAtLeast: boolean;
  readonly closed: string | null;
} | null;

type State =
  | { readonly step: "idle" }
  | { readonly step: "asking" }
  | { readonly step: "preview"; readonly preview: Preview }
  | { readonly step: "applying"; readonly progress: Progress | null }
  | { readonly step: "done"; readonly changed: number }
  | { readonly step: "failed"; readonly message: string };

/** Pricing the past again is an act: first what it would make of every month, then the act with its progress. */
export function RepricingPanel({ bookVersion, canChange }: { bookVersion: string; canChange: boolean }) {
  const router = useRouter();
  const [state, setState] = useState<State>({ step: "idle" });

  async function preview() {
    setState({ step: "asking" });
    const answer = await sendCommand("POST", "/api/repricing/preview");
    setState(
      answer.ok
        ? { step: "preview", preview: (answer.body as { preview: Preview }).preview }
        : { step: "failed", message: Object.values(answer.fields).join(" ") },
    );
  }

  async function apply() {
    setState({ step: "applying", progress: null });
    const answer = await sendLong("/api/repricing", (progress) => setState({ step: "applying", progress }));
    setState(
      answer.ok ? { step: "done", ...(answer.done as { changed: number }) } : { step: "failed", message: answer.error },
    );
    if (answer.ok) router.refresh();
  }

  return (
    <Panel
      title="Price the past again"
      unit={`by price book ${bookVersion}`}
      id="repricing"
      aside={
        canChange && state.step !== "applying" ? (
          <Button size="small" disabled={state.step === "asking"} onClick={() => void preview()}>
            {state.step === "asking" ? "Computing…" : "Preview"}
          </Button>
        ) : null
      }
    >
      <div aria-live="polite">
        <Step state={state} onApply={() => void apply()} onKeep={() => setState({ step: "idle" })} />
      </div>
    </Panel>
  );
}

function Step({ state, onApply, onKeep }: { state: State; onApply: () => void; onKeep: () => void }) {
  switch (state.step) {
    case "idle":
    case "asking":
      return (
        <p className="px-4 py-3 text-muted">
          Charges keep the prices by which they were priced, also when their hours are read again. A preview says, by
          month and team, what the book of now would make of all of them. Nothing is written before you apply it, and
          closed months never move.
        </p>
      );
    case "preview":
      return <PreviewOfPast preview={state.preview} onApply={onApply} onKeep={onKeep} />;
    case "applying":
      return <Applying progress={state.progress} />;
    case "done":
      return (
        <p className="px-4 py-3">
          {state.changed === 1 ? "One charge was" : `${state.changed.toLocaleString("en")} charges were`} priced again.
          The act stands in the audit log.
        </p>
      );
    case "failed":
      return (
        <p role="alert" className="px-4 py-3 text-firing">
          {state.message} What was done so far stands; apply it again to go on from there.
        </p>
      );
  }
}

function Applying({ progress }: { progress: Progress | null }) {
  const { daysDone, daysTotal } = progress ?? { daysDone: 0, daysTotal: 1 };
  return (
    <div className="flex flex-wrap items-center gap-3 px-4 py-3">
      <progress aria-label="Days priced again" value={daysDone} max={daysTotal} className="w-64" />
      <span className="figures">
        {progress ? `${daysDone} of ${daysTotal} days priced again` : "Starting; the cost of now is being added up"}
      </span>
    </div>
  );
}

function PreviewOfPast({ preview, onApply, onKeep }: { preview: Preview; onApply: () => void; onKeep: () => void }) {
  if (preview === null) {
    return (
      <PanelEmpty title="The ledger has no usage yet, so there is nothing to price again.">
        Come back when the first day has been read.
      </PanelEmpty>
    );
  }
  if (preview.changed === 0) {
    return (
      <PanelEmpty title="Every charge stands as this book would price it.">
        There is nothing to apply until a price changes.
      </PanelEmpty>
    );
  }
  const { total, changed, standing, months, closed } = preview;
  return (
    <div>
      <p className="px-4 py-3">
        <span className="figures">
          {total.before.shown} would be {total.after.shown} ({total.difference.shown}):{" "}
        </span>
        {changed.toLocaleString("en")} charges would move.
        {standing > 0
          ? ` ${standing === 1 ? "One line (one month of one team) does" : `${standing} lines (one month of one team each) do`} not move.`
          : ""}
        {preview.isAtLeast ? " Usage without a price stays unpriced, so every total is at least that." : ""}
        {closed === null ? "" : ` Closed and left alone: ${closed}.`}
      </p>
      <div className="max-h-80 overflow-auto border-t">
        <BeforeAfterTable
          name="Preview of the past"
          words={["Month", "Team"]}
          rows={months.map((row) => ({ ...row, words: [row.month, row.team] }))}
        />
      </div>
      <ActFooter
        leave="Keep what was charged"
        onLeave={onKeep}
        act="Apply to the past"
        onAct={onApply}
        className="px-4 py-3"
      />
    </div>
  );
}
