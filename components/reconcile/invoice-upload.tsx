"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "../ui/button.tsx";
import { FIELD, Field } from "../ui/field.tsx";
import { StateWord } from "../ui/state-word.tsx";

type Sent = { readonly state: "idle" | "busy" } | { readonly state: "failed"; readonly message: string };

/** Hands cost exports to the server; what it refuses is said with file, row and reason. */
export function InvoiceUpload({ isDemo }: { isDemo: boolean }) {
  const [sent, setSent] = useState<Sent>({ state: "idle" });
  const router = useRouter();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    setSent({ state: "busy" });
    try {
      const response = await fetch("/api/reconciliations", { method: "POST", body: new FormData(form) });
      const answer: { id?: string; error?: string } = await response.json();
      if (!response.ok) {
        setSent({ state: "failed", message: answer.error ?? `The server answered ${response.status}. Try again.` });
        return;
      }
      form.reset();
      setSent({ state: "idle" });
      router.push("/reconcile");
      router.refresh();
    } catch (error) {
      const what = error instanceof Error ? error.message : "the server did not answer";
      setSent({ state: "failed", message: `Nothing was loaded: ${what}. Try again.` });
    }
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-3 p-4">
      <p className="max-w-prose text-sm text-muted">
        Export the cost of a billing period from Cost Management: actual, amortised or FOCUS, as CSV.
        {isDemo ? (
          <>
            {" "}
            The demo writes an invoice of its own with <code>npm run demo -- invoice --month 2026-10</code>.
          </>
        ) : null}{" "}
        Files beyond 64 MB: <code>npm run reconcile -- load FILE</code>.
      </p>
      <div className="flex flex-wrap items-end gap-3">
        <div className="min-w-64 max-w-md flex-1">
          <Field label="Export files (CSV)">
            <input type="file" name="files" accept=".csv,text/csv" multiple required className={`${FIELD} py-1`} />
          </Field>
        </div>
        <div className="w-56">
          <Field label="Basis">
            <select name="basis" className={FIELD} defaultValue="">
              <option value="">as the file shows</option>
              <option value="actual">actual</option>
              <option value="amortized">amortised</option>
            </select>
          </Field>
        </div>
        <Button type="submit" tone="main" disabled={sent.state === "busy"}>
          {sent.state === "busy" ? "Comparing…" : "Load and compare"}
        </Button>
      </div>
      {sent.state === "failed" ? (
        <p role="alert" className="max-w-prose text-sm">
          <StateWord state="firing" className="whitespace-normal">
            {sent.message}
          </StateWord>
        </p>
      ) : null}
    </form>
  );
}
