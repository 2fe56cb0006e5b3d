"use client";

import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { AgreementLine } from "#lib/reports/load-prices.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Panel, PanelEmpty } from "../ui/panel.tsx";
import { sendCommand } from "../ui/send-command.ts";
import { StateWord } from "../ui/state-word.tsx";
import { AgreementForm } from "./agreement-form.tsx";

/** The negotiated prices: what was agreed, since when, and where it is written. */
export function AgreementsPanel({
  agreements,
  canChange,
  currency,
  today,
  offered,
}: {
  agreements: readonly AgreementLine[];
  canChange: boolean;
  currency: string;
  /** The first day of the current month, as the form proposes it. */
  today: string;
  offered: { readonly models: readonly string[]; readonly regions: readonly string[] };
}) {
  const [isAdding, setAdding] = useState(false);
  return (
    <Panel
      title="Negotiated prices"
      unit="over every list price"
      id="negotiated"
      aside={
        canChange ? (
          <Button size="small" onClick={() => setAdding(true)}>
            <Plus size={12} aria-hidden="true" />
            Add a price or discount
          </Button>
        ) : null
      }
    >
      {agreements.length === 0 ? (
        <PanelEmpty title="No negotiated price: list prices count.">
          An agreement with Microsoft is a discount on everything or on one model, or a price of one meter. It says
          since when, and where it is written.
        </PanelEmpty>
      ) : (
        <ul>
          {agreements.map((agreement) => (
            <AgreementItem key={agreement.id} agreement={agreement} canChange={canChange} />
          ))}
        </ul>
      )}
      <Dialog title="Negotiated price" isOpen={isAdding} onClose={() => setAdding(false)}>
        {isAdding ? (
          <AgreementForm currency={currency} from={today} offered={offered} onDone={() => setAdding(false)} />
        ) : null}
      </Dialog>
    </Panel>
  );
}

function AgreementItem({ agreement, canChange }: { agreement: AgreementLine; canChange: boolean }) {
  const router = useRouter();
  const [isRetiring, setRetiring] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState("");

  async function retire() {
    setBusy(true);
    const answer = await sendCommand("DELETE", `/api/price-overrides/${encodeURIComponent(agreement.id)}`);
    setBusy(false);
    setError(answer.ok ? "" : Object.values(answer.fields).join(" "));
    if (answer.ok) router.refresh();
  }

  return (
    <li
      className="figures flex flex-wrap items-center gap-x-6 gap-y-1 border-b px-4 py-2 last:border-b-0"
      data-row={agreement.id}
    >
      <span className="min-w-0">
        <span className="block">
          {agreement.terms} <span className="text-muted">on {agreement.about}</span>
        </span>
        <span className="block text-sm text-muted">
          {agreement.holds} · {agreement.reason}
        </span>
      </span>
      <span className="ml-auto flex flex-wrap items-center gap-3">
        <StateWord state={agreement.state}>{agreement.stateWord}</StateWord>
        {canChange && !isRetiring ? (
          <Button tone="quiet" size="small" onClick={() => setRetiring(true)}>
            Retire…
          </Button>
        ) : null}
        {isRetiring ? (
          <>
            <span className="text-sm">What is charged from now on takes the list price.</span>
            <Button tone="danger" size="small" disabled={isBusy} onClick={() => void retire()}>
              Retire it
            </Button>
            <Button tone="quiet" size="small" onClick={() => setRetiring(false)}>
              Keep it
            </Button>
          </>
        ) : null}
      </span>
      {error ? (
        <span role="alert" className="w-full text-sm text-firing">
          {error}
        </span>
      ) : null}
    </li>
  );
}
