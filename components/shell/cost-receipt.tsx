import type { CostReceiptView, ReceiptLineView } from "#lib/reports/receipt-view.ts";
import { StateWord } from "../ui/state-word.tsx";
import { DataTo, Fact, ReceiptFoot, ReceiptPlace, Section } from "./receipt-sections.tsx";

/** A cost with everything that it rests on. */
export function CostReceipt({ receipt }: { receipt: CostReceiptView }) {
  return (
    <div className="flex flex-col gap-6 p-4" data-receipt-hash={receipt.hash}>
      <div>
        <p className="text-muted">{receipt.title}</p>
        <p className="figures text-2xl font-medium" data-exact={receipt.cost.exact}>
          {receipt.mark ? <span className="text-base font-normal text-muted">{receipt.mark} </span> : null}
          {receipt.cost.shown}
        </p>
        <p className="figures text-sm text-muted">exactly {receipt.cost.full}</p>
        {receipt.costUpper ? (
          <p className="figures text-sm text-muted">
            at most {receipt.costUpper.full} with every unknown part at its dearest
          </p>
        ) : null}
        {receipt.sumLower ? (
          <p className="figures text-sm text-muted" data-exact={receipt.sumLower.exact}>
            at least {receipt.sumLower.full}: what no source tells about a price never makes it less
          </p>
        ) : null}
        {receipt.unpricedTokens ? (
          <p className="figures text-sm text-muted">
            {receipt.unpricedTokens.shown} tokens have no price and are not in the sum
          </p>
        ) : null}
        <ReceiptPlace receipt={receipt} />
      </div>

      <Section title="The sum, line by line">
        {receipt.lines.length === 0 ? (
          <p className="text-muted">No charge in this period: nothing was consumed, or nothing has been read yet.</p>
        ) : (
          <table className="figures w-full text-sm">
            <thead className="text-faint">
              <tr>
                <th className="py-1 text-left font-normal">what</th>
                <th className="py-1 text-right font-normal whitespace-nowrap">quantity × price</th>
                <th className="py-1 text-right font-normal">cost</th>
              </tr>
            </thead>
            <tbody>
              {receipt.lines.map((line, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines are a fixed list, and two may be alike.
                <Line key={index} line={line} />
              ))}
            </tbody>
            <tfoot>
              <tr className="border-t font-medium">
                <td className="py-1.5" colSpan={2}>
                  Sum
                </td>
                <td className="py-1.5 text-right">{receipt.sum.shown}</td>
              </tr>
              <tr className="text-muted">
                <td colSpan={2}>The same at list price</td>
                <td className="text-right">{receipt.listCost.shown}</td>
              </tr>
            </tfoot>
          </table>
        )}
      </Section>

      {receipt.conversion ? (
        <Section title="Converted by dated rates, each charge by itself">
          <table className="figures w-full text-sm">
            <tbody>
              {receipt.conversion.map((row) => (
                <tr key={row.rate} className="border-t align-top">
                  <td className="py-1.5 pr-2">{row.rate}</td>
                  <td className="py-1.5 text-right" data-exact={row.charged.exact}>
                    {row.charged.shown}
                  </td>
                  <td className="py-1.5 pl-2 text-right" data-exact={row.stated.exact}>
                    {row.stated.shown}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      ) : null}

      <Section title="What was counted">
        <dl className="figures grid grid-cols-[auto_1fr] gap-x-6 gap-y-1 text-sm">
          <Fact name="rows">{receipt.rowsCounted.shown}</Fact>
          <Fact name="duplicates dropped">{receipt.duplicatesDropped.shown}</Fact>
          {receipt.origins.map((origin) => (
            <Fact key={origin} name="read from">
              {origin}
            </Fact>
          ))}
          <DataTo receipt={receipt} />
          {receipt.bySource.map((row) => (
            <Fact key={row.source + row.confidence} name={`from ${row.source.replace("_", " ")}`}>
              {row.tokens.shown} tokens, {row.confidence.replace("_", " ")}
            </Fact>
          ))}
          {receipt.byRule.map((row) => (
            <Fact key={row.rule} name={`owner by ${row.rule || "no rule"}`}>
              {row.tokens.shown} tokens
            </Fact>
          ))}
        </dl>
      </Section>

      <ReceiptFoot receipt={receipt} />
    </div>
  );
}

function Line({ line }: { line: ReceiptLineView }) {
  return (
    <tr className="border-t align-top">
      <td className="py-1.5 pr-2">
        {line.what}
        <span className="block text-faint">{line.detail}</span>
        <span className="block text-faint">{line.price}</span>
        {line.pricing === "range" ? <StateWord state="watch">unknown: {line.note}</StateWord> : null}
      </td>
      <td className="py-1.5 text-right whitespace-nowrap max-md:whitespace-normal">
        <span data-exact={line.quantity.exact}>{line.quantity.shown}</span> {line.unit}
        <span className="block text-faint">× {line.unitPrice}</span>
      </td>
      <td className="py-1.5 pl-2 text-right">
        {line.cost ? (
          <span data-exact={line.cost.exact}>{line.cost.shown}</span>
        ) : (
          <StateWord state="watch">no price</StateWord>
        )}
        {line.costLower ? (
          <span className="block text-faint" data-exact={line.costLower.exact}>
            at least {line.costLower.shown}
          </span>
        ) : null}
      </td>
    </tr>
  );
}
