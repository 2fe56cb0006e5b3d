"use client";

/** The last resort, when even the frame of the page failed: it has no styles of its own to fail. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en">
      <body>
        <h1>Token Ledger could not draw this page</h1>
        <p>
          The server stopped with an error{error.digest ? `; its log names it with ${error.digest}` : ""}. Load the page
          again; if it stays, look at the log of the server.
        </p>
      </body>
    </html>
  );
}
