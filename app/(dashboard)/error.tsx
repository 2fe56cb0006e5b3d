"use client";

import { Button } from "#components/ui/button.tsx";
import { PanelFailed } from "#components/ui/panel.tsx";

/** What a page shows when its report could not be read. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main id="content" className="mx-auto w-full max-w-3xl px-6 py-10 max-md:px-4">
      <h1 className="sr-only">This page could not be shown</h1>
      <div className="rounded-md border bg-surface">
        <PanelFailed
          tried="The report of this page could not be read."
          happened={
            error.digest
              ? `The server stopped with an error; its log names it with ${error.digest}. Other pages may still work.`
              : `${error.message} Other pages may still work.`
          }
          next={<Button onClick={reset}>Try again</Button>}
        />
      </div>
    </main>
  );
}
