import type { DataGap } from "#lib/reports/gaps/data-gap.ts";
import type { State } from "#lib/reports/table-model.ts";
import { StateWord } from "../ui/state-word.tsx";
import { RemedyList } from "./remedy-list.tsx";

const KINDS: Readonly<
  Record<DataGap["kind"], { readonly state: State; readonly word: string; readonly title: string }>
> = {
  missing: { state: "watch", word: "missing", title: "Makes figures lower or unknown" },
  uncertain: { state: "late", word: "uncertain", title: "Makes figures a range or an estimate" },
  handled: { state: "ok", word: "allowed for", title: "Odd, and figures allow for it" },
};

/** Every gap with what was seen, what it costs and what mends it; those that cost figures first. */
export function GapList({ gaps }: { gaps: readonly DataGap[] }) {
  const kinds = (["missing", "uncertain", "handled"] as const).filter((kind) => gaps.some((gap) => gap.kind === kind));
  return (
    <div>
      {kinds.map((kind) => (
        <section key={kind} aria-label={KINDS[kind].title}>
          <h3 className="border-b bg-sunken px-4 py-1.5 text-sm text-muted">
            {KINDS[kind].title} ({gaps.filter((gap) => gap.kind === kind).length})
          </h3>
          <ul className="divide-y">
            {gaps
              .filter((gap) => gap.kind === kind)
              .map((gap) => (
                <li
                  key={gap.id}
                  data-gap={gap.id}
                  className="grid gap-x-6 gap-y-1 px-4 py-3 md:grid-cols-[minmax(0,20rem)_minmax(0,1fr)]"
                >
                  <div>
                    <p className="font-medium">{gap.title}</p>
                    <StateWord state={KINDS[kind].state} className="text-sm">
                      {KINDS[kind].word}
                    </StateWord>
                  </div>
                  <div className="flex max-w-prose min-w-0 flex-col gap-1">
                    <p>{gap.seen}</p>
                    <p className="text-muted">{gap.means}</p>
                    {gap.next === null ? null : <p>{gap.next}</p>}
                    <RemedyList remedies={gap.remedies} about={gap.title} />
                  </div>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
