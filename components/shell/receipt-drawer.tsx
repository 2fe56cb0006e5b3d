"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import type { ReceiptView } from "#lib/reports/receipt-view.ts";
import { RECEIPT_PARAM } from "#lib/url/figure-ref.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { PanelFailed, PanelSkeleton } from "../ui/panel.tsx";
import { CostReceipt } from "./cost-receipt.tsx";
import { MeasureReceipt } from "./measure-receipt.tsx";

type Loaded =
  | { readonly state: "loading" }
  | { readonly state: "ready"; readonly receipt: ReceiptView }
  | { readonly state: "failed"; readonly message: string };

/** The drawer at the right that opens wherever the URL names a figure. */
export function ReceiptDrawer() {
  const search = useSearchParams();
  const path = usePathname();
  const figure = search.get(RECEIPT_PARAM);
  const [attempt, setAttempt] = useState(0);
  const loaded = useReceipt(figure, attempt);
  function close() {
    const rest = new URLSearchParams(search);
    rest.delete(RECEIPT_PARAM);
    window.history.pushState(null, "", rest.size > 0 ? `${path}?${rest}` : path);
  }
  return (
    <Dialog title="Receipt" place="right" isOpen={figure !== null} onClose={() => figure !== null && close()}>
      {loaded.state === "loading" ? (
        <div className="flex flex-col gap-3 p-4" data-face="loading">
          <PanelSkeleton height={64} />
          <PanelSkeleton height={240} />
        </div>
      ) : loaded.state === "failed" ? (
        <PanelFailed
          tried="The receipt could not be read."
          happened={loaded.message}
          next={<Button onClick={() => setAttempt(attempt + 1)}>Try again</Button>}
        />
      ) : (
        <>
          {loaded.receipt.kind === "cost" ? (
            <CostReceipt receipt={loaded.receipt} />
          ) : (
            <MeasureReceipt receipt={loaded.receipt} />
          )}
          <div className="flex gap-2 border-t p-4">
            <CopyButton text={JSON.stringify(loaded.receipt, null, 2)}>Copy as JSON</CopyButton>
          </div>
        </>
      )}
    </Dialog>
  );
}

function useReceipt(figure: string | null, attempt: number): Loaded {
  const [loaded, setLoaded] = useState<Loaded>({ state: "loading" });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt asks again.
  useEffect(() => {
    if (figure === null) return;
    const abort = new AbortController();
    setLoaded({ state: "loading" });
    fetch(`/api/receipt?${figure}`, { signal: abort.signal })
      .then(async (response) => {
        const body: { receipt?: ReceiptView; error?: string } = await response.json();
        if (body.receipt) setLoaded({ state: "ready", receipt: body.receipt });
        else setLoaded({ state: "failed", message: body.error ?? `The server answered ${response.status}.` });
      })
      .catch((error: Error) => {
        if (!abort.signal.aborted) setLoaded({ state: "failed", message: error.message });
      });
    return () => abort.abort();
  }, [figure, attempt]);
  return loaded;
}
