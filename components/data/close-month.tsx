"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ClosableMonth } from "#lib/reports/load-months.ts";
import { Button } from "../ui/button.tsx";
import { FIELD } from "../ui/field.tsx";
import { sendCommand } from "../ui/send-command.ts";

type Step =
  | { readonly name: "choosing"; readonly message: string | null }
  | { readonly name: "asked" }
  | { readonly name: "closing" };

/** Closing a month cannot be undone, so it is asked twice: which month, and whether what it freezes is meant. */
export function CloseMonth({ closable }: { closable: readonly ClosableMonth[] }) {
  const router = useRouter();
  const [chosen, setChosen] = useState(closable[0]?.month);
  const [step, setStep] = useState<Step>({ name: "choosing", message: null });
  const month = closable.find((candidate) => candidate.month === chosen) ?? closable[0];
  if (!month) return null;

  async function close(closing: ClosableMonth) {
    setStep({ name: "closing" });
    const answer = await sendCommand("POST", "/api/closed-months", { month: closing.month });
    setStep({ name: "choosing", message: answer.ok ? null : Object.values(answer.fields).join(" ") });
    router.refresh();
  }

  if (step.name === "choosing") {
    return (
      <div className="flex flex-wrap items-center gap-2 border-b px-4 py-2">
        <label className="flex items-center gap-2 text-sm">
          <span className="text-muted">Close</span>
          <select
            aria-label="Billing period to close"
            value={month.month}
            onChange={(event) => setChosen(event.target.value)}
            className={`${FIELD} w-auto`}
          >
            {closable.map(({ month: value, name }) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <Button size="small" onClick={() => setStep({ name: "asked" })}>
          Close the period…
        </Button>
        {step.message === null ? null : (
          <p role="alert" className="text-sm text-firing">
            {step.message}
          </p>
        )}
      </div>
    );
  }
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b px-4 py-3" aria-live="polite">
      <p className="max-w-prose">
        {month.name} costs <span className="figures">{month.cost}</span> by {month.books}, and stays so: no new price,
        re-pricing or late row moves it any more. It is archived. This cannot be undone.
      </p>
      <div className="ml-auto flex gap-2">
        <Button
          tone="quiet"
          disabled={step.name === "closing"}
          onClick={() => setStep({ name: "choosing", message: null })}
        >
          Leave it open
        </Button>
        <Button tone="main" disabled={step.name === "closing"} onClick={() => void close(month)}>
          {step.name === "closing" ? "Closing…" : `Close ${month.name}`}
        </Button>
      </div>
    </div>
  );
}
