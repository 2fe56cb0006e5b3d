import Link from "next/link";
import type { HealthStrip } from "#lib/reports/health-strip.ts";
import { Panel, PanelEmpty } from "../ui/panel.tsx";
import { StateWord } from "../ui/state-word.tsx";

/** The last day's requests by how they ended. */
export function HealthPanel({ health }: { health: HealthStrip }) {
  return (
    <Panel
      title="Health of the last 24 hours"
      unit={`${health.requests.shown} requests`}
      aside={
        <Link href="/now" className="link text-muted">
          Now
        </Link>
      }
    >
      {health.causes.length === 0 ? (
        <PanelEmpty title="No request in the last 24 hours.">
          Requests appear here as soon as a source has sent them.
        </PanelEmpty>
      ) : (
        <ul className="figures divide-y">
          {health.causes.map((cause) => (
            <li key={cause.name} className="flex items-baseline justify-between gap-3 px-4 py-2" data-row={cause.name}>
              <StateWord state={cause.isWatch ? "watch" : "ok"}>{cause.name}</StateWord>
              <span>
                <span data-exact={cause.count.exact} title={cause.count.full}>
                  {cause.count.shown}
                </span>
                <span className="ml-2 inline-block w-16 text-right text-muted">{cause.share}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
