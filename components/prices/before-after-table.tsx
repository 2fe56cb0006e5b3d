import { cn } from "../ui/class-names.ts";

/** An amount as a preview answers it: ready to read, and exact. */
export type ShownAmount = { readonly shown: string; readonly exact: string };

/** What something costs now, what it would cost, and the difference. */
export type BeforeAfter = {
  readonly before: ShownAmount;
  readonly after: ShownAmount;
  readonly difference: ShownAmount;
};

type BeforeAfterRow = BeforeAfter & { readonly id: string; readonly words: readonly string[] };

/** A preview in figures: rows named by words, the last of which is the row's own name. */
export function BeforeAfterTable({
  name,
  words,
  rows,
  total,
}: {
  name: string;
  words: readonly string[];
  rows: readonly BeforeAfterRow[];
  total?: BeforeAfter;
}) {
  return (
    <table className="figures w-full text-sm" data-table={name}>
      <thead>
        <tr className="text-faint">
          {[...words, "Before", "After", "Difference"].map((title, index) => (
            <th
              key={title}
              scope="col"
              className={cn(
                "sticky top-0 bg-surface px-4 py-1 font-normal max-md:px-2",
                index < words.length ? "text-left" : "text-right",
                isLeftOut(index - words.length, words) && "max-md:hidden",
              )}
            >
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <TableRow key={row.id} row={row} />
        ))}
      </tbody>
      {total ? (
        <tfoot className="font-medium">
          <TableRow row={{ ...total, id: "All", words: ["All", ...words.slice(1).map(() => "")] }} />
        </tfoot>
      ) : null}
    </table>
  );
}

/** Where two words name a row, a phone has no room for what it costs now; the other two figures tell it. */
function isLeftOut(figure: number, words: readonly string[]): boolean {
  return figure === 0 && words.length > 1;
}

function TableRow({ row }: { row: BeforeAfterRow }) {
  return (
    <tr data-row={row.id}>
      {row.words.map((word, index) =>
        index === row.words.length - 1 ? (
          <th key={word} scope="row" className="px-4 py-1 text-left font-normal in-[tfoot]:font-medium max-md:px-2">
            {word}
          </th>
        ) : (
          <td key={word} className="whitespace-nowrap px-4 py-1 max-md:whitespace-normal max-md:px-2">
            {word}
          </td>
        ),
      )}
      {(["before", "after", "difference"] as const).map((side, index) => (
        <td
          key={side}
          data-exact={row[side].exact}
          className={cn("px-4 py-1 text-right max-md:px-2", isLeftOut(index, row.words) && "max-md:hidden")}
        >
          {row[side].shown}
        </td>
      ))}
    </tr>
  );
}
