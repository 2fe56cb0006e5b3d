"use client";

import { type FormEvent, useState } from "react";
import type { TracePlan } from "#lib/reports/load-trace-plan.ts";
import { Button } from "../ui/button.tsx";
import { FIELD, Field } from "../ui/field.tsx";
import { Panel, PanelEmpty } from "../ui/panel.tsx";
import { ProvisionedAnswerView } from "./provisioned-answer.tsx";

type State =
  | { readonly step: "idle" | "busy" }
  | { readonly step: "answered"; readonly plan: TracePlan; readonly name: string }
  | { readonly step: "failed"; readonly message: string };

/** Replays a request trace that somebody has as a file: nothing of it is kept. */
export function TraceReplay({ models, currency }: { models: readonly string[]; currency: string }) {
  const [state, setState] = useState<State>({ step: "idle" });

  async function replay(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const file = form.get("files");
    if (!(file instanceof File) || file.size === 0) {
      setState({
        step: "failed",
        message: "Choose a file with the columns TIMESTAMP, ContextTokens and GeneratedTokens.",
      });
      return;
    }
    setState({ step: "busy" });
    try {
      const response = await fetch("/api/provisioned/trace", { method: "POST", body: form });
      const answer: { plan?: TracePlan; error?: string } = await response.json();
      setState(
        answer.plan
          ? { step: "answered", plan: answer.plan, name: file.name }
          : { step: "failed", message: answer.error ?? `The server answered ${response.status}.` },
      );
    } catch (error) {
      setState({ step: "failed", message: error instanceof Error ? error.message : "The server did not answer." });
    }
  }

  return (
    <>
      <Panel
        title="Or an imported trace"
        unit="requests of any service, as CSV with the columns TIMESTAMP, ContextTokens and GeneratedTokens"
      >
        <form onSubmit={(event) => void replay(event)} className="flex flex-wrap items-end gap-3 p-4">
          <div className="min-w-64 max-w-md flex-1">
            <Field label="Trace">
              <input type="file" name="files" accept=".csv,text/csv" className={`${FIELD} py-1`} />
            </Field>
          </div>
          <Field label="Model">
            <select name="model" className={FIELD} defaultValue="gpt-4.1">
              {models.map((model) => (
                <option key={model}>{model}</option>
              ))}
            </select>
          </Field>
          <Field label="Scope">
            <select name="scope" className={FIELD}>
              <option value="Global">Global</option>
              <option value="DataZone">Data Zone</option>
              <option value="Regional">Regional</option>
            </select>
          </Field>
          <Field label="Region">
            <input name="region" defaultValue="eastus2" autoComplete="off" className={FIELD} />
          </Field>
          <Button tone="main" type="submit" disabled={state.step === "busy"}>
            {state.step === "busy" ? "Replaying…" : "Replay the trace"}
          </Button>
        </form>
        {state.step === "failed" ? (
          <p role="alert" className="border-t px-4 py-3 text-firing">
            {state.message}
          </p>
        ) : null}
      </Panel>
      {state.step === "answered" ? <TraceAnswer plan={state.plan} name={state.name} currency={currency} /> : null}
    </>
  );
}

function TraceAnswer({ plan, name, currency }: { plan: TracePlan; name: string; currency: string }) {
  if (plan.kind === "unanswered") {
    return (
      <Panel title="No answer" unit={name}>
        <PanelEmpty title={plan.reason}>Nothing of the file was kept.</PanelEmpty>
      </Panel>
    );
  }
  return <ProvisionedAnswerView answer={plan.answer} notes={plan.notes} unit={name} currency={currency} />;
}
