import Link from "next/link";
import type { Bridge } from "#lib/reports/overview-changes.ts";
import { cn } from "../ui/class-names.ts";
import { Panel, PanelEmpty } from "../ui/panel.tsx";

const COLOURS = { total: "var(--category-other)", more: "var(--category-2)", less: "var(--category-1)" } as const;

/** From the compared total to this one, step by step, largest first. */
export function ChangeBridge({ bridge: { steps, scaleFrom } }: { bridge: Bridge }) {
  return (
    <Panel
      title="What changed"
      unit={scaleFrom ? `against the comparison, bars from ${scaleFrom}` : "against the comparison"}
    >
      {steps.length === 0 ? (
        <PanelEmpty title="Nothing to compare with.">Choose a comparison in the bar above.</PanelEmpty>
      ) : (
        <table className="figures w-full text-sm" data-table="What changed">
          <tbody>
            {steps.map((step, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the steps are a fixed list, and two may be called alike.
              <tr key={index} className={step.kind === "total" ? "font-medium" : ""} data-row={step.name}>
                <th
                  scope="row"
                  className={cn("max-w-40 truncate py-1 pl-4 text-left", step.kind !== "total" && "font-normal")}
                >
                  {step.href ? (
                    <Link href={step.href} className="link decoration-transparent">
                      {step.name}
                    </Link>
                  ) : (
                    step.name
                  )}
                </th>
                <td className="w-1/2 px-3 py-1" aria-hidden="true">
                  <svg
                    width="100%"
                    height="14"
                    viewBox="0 0 100 14"
                    preserveAspectRatio="none"
                    className="block"
                    role="presentation"
                  >
                    <rect
                      x={Math.min(step.start, step.end) * 100}
                      width={Math.max(Math.abs(step.end - step.start) * 100, 0.4)}
                      y="2"
                      height="10"
                      fill={COLOURS[step.kind]}
                    />
                  </svg>
                </td>
                <td className="py-1 pr-4 text-right whitespace-nowrap" data-exact={step.exact}>
                  {step.text}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
