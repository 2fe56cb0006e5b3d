"use client";

import { useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import type { ChargeDimension } from "#lib/ledger/charge-query.ts";

export type DimensionValues = {
  readonly state: "loading" | "ready" | "failed";
  readonly values: readonly { readonly value: string; readonly cost: string }[];
  readonly message: string;
};

const LOADING: DimensionValues = { state: "loading", values: [], message: "" };

/** The values of a dimension in the page's period, read when it is first asked for. */
export function useDimensionValues(dimension: ChargeDimension | undefined): DimensionValues {
  const search = useSearchParams();
  const [values, setValues] = useState<DimensionValues>(LOADING);
  const period = search.get("period") ?? "";
  useEffect(() => {
    if (!dimension) return;
    const abort = new AbortController();
    setValues(LOADING);
    fetch(`/api/values?${new URLSearchParams({ dimension, ...(period ? { period } : {}) })}`, { signal: abort.signal })
      .then(async (response) => {
        if (!response.ok) throw new Error(`The ledger answered ${response.status}.`);
        const body: { values: DimensionValues["values"] } = await response.json();
        setValues({ state: "ready", values: body.values, message: "" });
      })
      .catch((error: Error) => {
        if (!abort.signal.aborted)
          setValues({ state: "failed", values: [], message: `The list could not be read: ${error.message}` });
      });
    return () => abort.abort();
  }, [dimension, period]);
  return values;
}
