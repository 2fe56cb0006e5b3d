"use client";

import { useState } from "react";
import type { CheckResult, CheckStatus } from "#lib/doctor/check.ts";
import type { DoctorView } from "#lib/reports/load-doctor.ts";
import type { State } from "#lib/reports/table-model.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Panel, PanelEmpty, PanelFailed } from "../ui/panel.tsx";
import { StateWord } from "../ui/state-word.tsx";

type Face =
  | { readonly kind: "idle" }
  | { readonly kind: "running" }
  | { readonly kind: "failed"; readonly happened: string }
  | { readonly kind: "done"; readonly view: DoctorView };

const GROUPS: Readonly<Record<CheckStatus, { readonly state: State; readonly title: string }>> = {
  fail: { state: "firing", title: "Failed" },
  warn: { state: "watch", title: "To look at" },
  ok: { state: "ok", title: "Fine" },
  skipped: { state: "no data", title: "Not made" },
};

/** The doctor's checks, made when somebody asks for them. */
export function DoctorPanel() {
  const [face, setFace] = useState<Face>({ kind: "idle" });
  async function run() {
    setFace({ kind: "running" });
    try {
      const response = await fetch("/api/doctor");
      const body: unknown = await response.json();
      if (!response.ok) throw new Error(messageOf(body) ?? `The server answered ${response.status}.`);
      // The route answers exactly this to 200.
      setFace({ kind: "done", view: body as DoctorView });
    } catch (error) {
      setFace({ kind: "failed", happened: error instanceof Error ? error.message : "The server did not answer." });
    }
  }
  const isRunning = face.kind === "running";
  return (
    <Panel
      title="Checks"
      unit="configuration, way to Azure, rights, data, stores"
      id="checks"
      aside={
        <Button size="small" onClick={run} disabled={isRunning}>
          {isRunning ? "Checking…" : face.kind === "done" ? "Check again" : "Run the checks"}
        </Button>
      }
    >
      <div aria-live="polite">
        <DoctorFace face={face} />
      </div>
    </Panel>
  );
}

function DoctorFace({ face }: { face: Face }) {
  switch (face.kind) {
    case "idle":
      return (
        <PanelEmpty title="The checks are made when you ask for them.">
          They take up to 30 s and change nothing. In a terminal: npm run doctor.
        </PanelEmpty>
      );
    case "running":
      return <PanelEmpty title="Checking…">Each check has 5 s, all of them 30 s.</PanelEmpty>;
    case "failed":
      return (
        <PanelFailed
          tried="The checks were not made"
          happened={face.happened}
          next="Try again, or run npm run doctor."
        />
      );
    case "done":
      return <DoctorReport view={face.view} />;
  }
}

function DoctorReport({ view }: { view: DoctorView }) {
  return (
    <>
      <p className="border-b px-4 py-2" data-doctor={view.status}>
        {view.sentence} <span className="text-muted">Made at {view.madeAt}.</span>
      </p>
      {view.groups.map(({ status, checks }) => (
        <details key={status} open={status === "fail" || status === "warn"}>
          <summary className="cursor-pointer border-b bg-sunken px-4 py-1.5 text-sm">
            <StateWord state={GROUPS[status].state}>
              {GROUPS[status].title} ({checks.length})
            </StateWord>
          </summary>
          <ul className="divide-y border-b">
            {checks.map((check) => (
              <Check key={check.id} check={check} />
            ))}
          </ul>
        </details>
      ))}
      <details>
        <summary className="cursor-pointer bg-sunken px-4 py-1.5 text-sm">
          Rights of the identity, and what each gives
        </summary>
        <ul className="divide-y">
          {view.rights.map((right) => (
            <li
              key={right.role + right.on}
              className="grid gap-x-6 gap-y-1 px-4 py-3 md:grid-cols-[minmax(0,20rem)_minmax(0,1fr)]"
            >
              <div>
                <p>
                  {right.role} on {right.on}
                </p>
                <p className="text-sm text-muted">
                  {right.isOptional ? "optional" : "needed"} · {right.state}
                </p>
              </div>
              <div className="max-w-prose">
                <p>Gives {right.gives}.</p>
                <p className="text-muted">Without it {right.without}.</p>
              </div>
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}

function Check({ check }: { check: CheckResult }) {
  return (
    <li className="grid gap-x-6 gap-y-1 px-4 py-3 md:grid-cols-[minmax(0,20rem)_minmax(0,1fr)]" data-check={check.id}>
      <p>
        <span className="figures text-sm text-faint">{check.id}</span> {check.title}
      </p>
      <div className="flex max-w-prose min-w-0 flex-col gap-1">
        <p className="break-words">{check.seen}</p>
        {check.means ? <p className="text-muted">{check.means}</p> : null}
        {check.next ? <p>{check.next}</p> : null}
        {check.command ? (
          <div className="flex flex-wrap items-start gap-2">
            <code className="min-w-0 flex-1 rounded-md border bg-sunken px-2 py-1 font-mono text-xs break-all">
              {check.command}
            </code>
            <CopyButton text={check.command}>Copy</CopyButton>
          </div>
        ) : null}
      </div>
    </li>
  );
}

function messageOf(body: unknown): string | null {
  const error: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "error") : null;
  return typeof error === "string" ? error : null;
}
