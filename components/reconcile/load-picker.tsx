"use client";

import { useRouter } from "next/navigation";
import type { LoadChoice } from "#lib/reports/load-reconcile.ts";
import { FIELD } from "../ui/field.tsx";

/** Chooses among the invoices that were loaded. */
export function LoadPicker({ loads }: { loads: readonly LoadChoice[] }) {
  const router = useRouter();
  return (
    <label className="ml-auto flex max-w-full items-center gap-2 text-sm text-muted">
      Invoice
      <select
        className={FIELD}
        value={loads.find(({ isShown }) => isShown)?.id}
        onChange={(event) => router.push(`/reconcile?load=${encodeURIComponent(event.target.value)}`)}
      >
        {loads.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
