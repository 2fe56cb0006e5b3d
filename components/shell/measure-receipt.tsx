import type { MeasureReceiptView } from "#lib/reports/receipt-view.ts";
import { DataTo, Fact, ReceiptFoot, ReceiptPlace, Section } from "./receipt-sections.tsx";

/** A count or a latency with everything that it rests on. */
export function MeasureReceipt({ receipt }: { receipt: MeasureReceiptView }) {
  return (
    <div className="flex flex-col gap-6 p-4" data-receipt-hash={receipt.hash}>
      <div>
        <p className="text-muted">{receipt.title}</p>
        <p className="figures text-2xl font-medium" data-exact={receipt.value.exact}>
          {receipt.value.shown}
        </p>
        <ReceiptPlace receipt={receipt} />
        <p className="mt-2 text-sm text-muted">{receipt.how}</p>
      </div>
      {receipt.parts.length === 0 ? null : (
        <Section title={receipt.partsTitle}>
          <table className="figures w-full text-sm">
            <tbody>
              {receipt.parts.map((part) => (
                <tr key={part.what} className="border-t">
                  <th scope="row" className="py-1.5 pr-2 text-left font-normal [overflow-wrap:anywhere]">
                    {part.what}
                  </th>
                  <td className="py-1.5 text-right" data-exact={part.exact}>
                    {part.shown}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
      <Section title="What was counted">
        <dl className="figures grid grid-cols-[auto_1fr] gap-x-6 gap-y-1 text-sm">
          {receipt.facts.map((fact) => (
            <Fact key={fact.name} name={fact.name}>
              {fact.value}
            </Fact>
          ))}
          <DataTo receipt={receipt} />
        </dl>
      </Section>
      <ReceiptFoot receipt={receipt} />
    </div>
  );
}
