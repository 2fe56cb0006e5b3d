"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import type { OfferedOverride } from "#lib/reports/load-reconcile.ts";
import { Button } from "../ui/button.tsx";
import { sendCommand } from "../ui/send-command.ts";
import { StateWord } from "../ui/state-word.tsx";

/** The prices that an invoice implies, each with its evidence and a button that enters it as a negotiated price. */
export function OfferedOverrides({ offers }: { offers: readonly OfferedOverride[] }) {
  return (
    <ul>
      {offers.map((offer) => (
        <Offer key={offer.id} offer={offer} />
      ))}
    </ul>
  );
}

function Offer({ offer }: { offer: OfferedOverride }) {
  const router = useRouter();
  const [isBusy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ readonly state: "ok" | "firing"; readonly text: string } | null>(null);

  async function enter() {
    setBusy(true);
    const answer = await sendCommand("PUT", "/api/price-overrides", offer.body);
    setBusy(false);
    setSaid(
      answer.ok
        ? {
            state: "ok",
            text: "In the price book. It counts from now on; npm run prices -- reprice applies it to the past.",
          }
        : { state: "firing", text: Object.values(answer.fields).join(" ") },
    );
    if (answer.ok) router.refresh();
  }

  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b px-4 py-2 last:border-b-0" data-row={offer.id}>
      <span className="min-w-0">
        <span className="block font-medium">{offer.label}</span>
        <span className="block text-sm text-muted">{offer.evidence}</span>
      </span>
      <span className="ml-auto flex flex-wrap items-center gap-3 text-sm">
        {said ? (
          <StateWord state={said.state} className="whitespace-normal">
            {said.text}
          </StateWord>
        ) : null}
        <Button size="small" onClick={enter} disabled={isBusy || said?.state === "ok"}>
          Enter as negotiated price
        </Button>
      </span>
    </li>
  );
}
