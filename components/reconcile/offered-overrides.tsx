"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ShownOffer } from "#lib/reports/load-reconcile.ts";
import { Button } from "../ui/button.tsx";
import { sendCommand } from "../ui/send-command.ts";
import { StateWord } from "../ui/state-word.tsx";

/** The prices that an invoice implies, each with its evidence and a button that enters it as a negotiated price. */
export function OfferedOverrides({
  reconciliationId,
  offers,
  canChange,
}: {
  reconciliationId: string;
  offers: readonly ShownOffer[];
  canChange: boolean;
}) {
  return (
    <ul>
      {offers.map((offer) => (
        <Offer
          key={offer.id}
          offer={offer}
          path={`/api/reconciliations/${reconciliationId}/overrides`}
          canChange={canChange}
        />
      ))}
    </ul>
  );
}

function Offer({ offer, path, canChange }: { offer: ShownOffer; path: string; canChange: boolean }) {
  const router = useRouter();
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);

  async function enter() {
    setBusy(true);
    const answer = await sendCommand("POST", path, { offer: offer.id });
    setBusy(false);
    setRefusal(answer.ok ? null : Object.values(answer.fields).join(" "));
    if (answer.ok) router.refresh();
  }

  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b px-4 py-2 last:border-b-0" data-row={offer.id}>
      <span className="min-w-0">
        <span className="block font-medium">{offer.label}</span>
        <span className="block text-sm text-muted">{offer.evidence}</span>
      </span>
      <span className="ml-auto flex flex-wrap items-center gap-3 text-sm">
        {refusal ? (
          <StateWord state="firing" className="whitespace-normal">
            {refusal}
          </StateWord>
        ) : null}
        {offer.isAdopted ? (
          <StateWord state="ok" className="whitespace-normal">
            In the price book
          </StateWord>
        ) : canChange ? (
          <Button size="small" onClick={enter} disabled={isBusy} aria-label={`Use ${offer.label} as negotiated price`}>
            Use as negotiated price
          </Button>
        ) : null}
      </span>
    </li>
  );
}
