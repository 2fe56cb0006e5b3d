import Link from "next/link";
import type { ReactNode } from "react";
import type { ReceiptView } from "#lib/reports/receipt-view.ts";
import { buttonStyle } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { StateWord } from "../ui/state-word.tsx";

/** The period and the filters of a figure. */
export function ReceiptPlace({ receipt }: { receipt: ReceiptView }) {
  return (
    <>
      <p className="mt-1 text-sm text-muted">{receipt.period}</p>
      {receipt.filters.map((filter) => (
        <p key={filter} className="text-sm text-muted">
          where {filter}
        </p>
      ))}
    </>
  );
}

/** How far the data reaches behind a figure. */
export function DataTo({ receipt }: { receipt: ReceiptView }) {
  return (
    <Fact name="data to">
      {receipt.dataTo}{" "}
      {receipt.isComplete ? (
        <StateWord state="ok">complete</StateWord>
      ) : (
        <StateWord state="watch">may still grow</StateWord>
      )}
    </Fact>
  );
}

/** The questions that were asked, and the hash. */
export function ReceiptFoot({ receipt }: { receipt: ReceiptView }) {
  return (
    <>
      {receipt.questions.map(({ name, text, href }) => (
        <Section key={name} title={`The question: ${name}`}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable from the keyboard. */}
          <pre tabIndex={0} className="max-h-64 overflow-auto rounded-md bg-sunken p-3 font-mono text-sm">
            {text}
          </pre>
          <div className="mt-2 flex gap-2">
            {href === null ? null : (
              <Link href={href} className={buttonStyle({ size: "small" })}>
                Open in Query
              </Link>
            )}
            <CopyButton text={text}>{href === null ? "Copy" : "Copy the KQL"}</CopyButton>
          </div>
        </Section>
      ))}
      <p className="text-sm text-muted">
        Hash <code className="break-all font-mono">{receipt.hash}</code>: the same figure has the same hash.
      </p>
    </>
  );
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1 font-medium">{title}</h3>
      {children}
    </section>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
