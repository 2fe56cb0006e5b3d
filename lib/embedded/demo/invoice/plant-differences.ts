import type { DemoAccountName } from "../accounts.ts";
import { DAY_MS } from "../calendar.ts";
import { type BilledLine, CONTRACT_BASIS_POINTS, costOfLine } from "./bill-month.ts";
import { type BilledMeter, HOSTING_METER, PTU_METER, ROUTER_METER } from "./meters.ts";

export type PlantedKind = "missing_in_logs" | "price" | "quantity" | "timing" | "ptu" | "hosting" | "router";

/** A difference that the invoice was given on purpose: what it is, where it stands, and by how much the invoice changed. */
export type PlantedDifference = {
  readonly kind: PlantedKind;
  readonly account: DemoAccountName;
  readonly deployment: string;
  readonly meterName: string;
  /** First day and last day. */
  readonly from: string;
  readonly to: string;
  /** Tokens or sixtieths of an hour more than the estimate has; those that moved for `timing`, zero for `price`. */
  readonly quantity: bigint;
  /** Picodollars: invoice less what the contract makes of the real usage. */
  readonly amount: bigint;
  readonly story: string;
};

/** Plants one difference of each kind, at places that depend on the lines alone. A month without a place has none of that kind. */
export function plantDifferences(honest: readonly BilledLine[]): {
  readonly lines: readonly BilledLine[];
  readonly planted: readonly PlantedDifference[];
} {
  let lines = [...honest];
  const planted: PlantedDifference[] = [];
  const change = (kind: PlantedKind, plan: Plan | undefined, story: string) => {
    const first = plan?.lines[0];
    if (plan === undefined || first === undefined) return;
    const before = new Map(plan.lines.map((line) => [idOf(line), lines.find((known) => idOf(known) === idOf(line))]));
    const amount = plan.lines.reduce((sum, line) => {
      const was = before.get(idOf(line));
      return sum + costOfLine(line) - (was ? costOfLine(was) : 0n);
    }, 0n);
    lines = [...lines.filter((line) => !before.has(idOf(line))), ...plan.lines];
    const { account, deployment, meter, day: from } = first;
    const to = plan.lines.at(-1)?.day ?? from;
    planted.push({
      kind,
      account,
      deployment,
      meterName: meter.name,
      from,
      to,
      quantity: plan.quantity,
      amount,
      story,
    });
  };
  const days = [...new Set(honest.map(({ day }) => day))].sort();
  const dayNumber = (index: number) => days[Math.min(index, days.length - 1)] ?? "";
  if (days.length === 0) return { lines, planted };
  const added = (
    day: string,
    account: DemoAccountName,
    deployment: string,
    meter: BilledMeter,
    quantity: bigint,
    price: bigint,
    per = 1n,
  ): Plan => ({
    quantity,
    lines: [
      {
        day,
        account,
        deployment,
        meter,
        quantity,
        unitListPicodollars: { numerator: price, denominator: per },
        discountBasisPoints: CONTRACT_BASIS_POINTS,
      },
    ],
  });

  const shadow: BilledMeter = { name: "gpt 4.1 mini Inp glbl Tokens", unit: "1K" };
  change(
    "missing_in_logs",
    added(dayNumber(4), "aoai-labs-eus2", "hackathon", shadow, 41_300_000n, 400_000n),
    "A deployment of a hackathon whose account had its diagnostic settings switched off for the day.",
  );
  change(
    "price",
    repriced(lines, "flagship", "5.6 sol ShortCo Opt Std Gl 1M Tokens", 500n),
    "The output of the newest model came with 5 % off instead of the 8.63 % of the contract.",
  );
  change(
    "quantity",
    enlarged(lines, "doc-classifier", "GPT 5.1 opt Gl 1M Tokens", 730_000n),
    "The invoice counts 730,000 tokens more than were generated.",
  );
  change(
    "timing",
    moved(lines, "contracts-long", "5.4 inp Gl 1M Tokens"),
    "Usage of the last hours of a day was booked on the next day.",
  );
  const capacity = lines.find(({ meter, day }) => meter === PTU_METER && day >= dayNumber(9));
  change(
    "ptu",
    capacity && { quantity: 3_600n, lines: [{ ...capacity, quantity: capacity.quantity + 3_600n }] },
    "The invoice has 60 PTU-hours more: five units of a resize that was taken back the same day.",
  );
  change(
    "hosting",
    added(dayNumber(11), "aoai-labs-eus2", "support-tuned", HOSTING_METER, 24n * 60n, 1_700_000_000_000n, 60n),
    "A fine-tuned model was hosted for a day and answered nobody.",
  );
  change(
    "router",
    added(dayNumber(13), "aoai-prod-eus2", "router", ROUTER_METER, 18_000_000n, 140_000n),
    "The fee of a model router, which no log of the models behind it tells.",
  );
  return { lines: lines.sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1)), planted };
}

type Plan = { readonly quantity: bigint; readonly lines: readonly BilledLine[] };

function repriced(lines: readonly BilledLine[], deployment: string, meterName: string, basisPoints: bigint): Plan {
  const found = linesOf(lines, deployment, meterName);
  return { quantity: 0n, lines: found.map((line) => ({ ...line, discountBasisPoints: basisPoints })) };
}

function enlarged(lines: readonly BilledLine[], deployment: string, meterName: string, more: bigint): Plan | undefined {
  const found = linesOf(lines, deployment, meterName);
  const line = found[Math.floor(found.length / 2)];
  return line && { quantity: more, lines: [{ ...line, quantity: line.quantity + more }] };
}

/** Two fifths of a day go to the next day, at the first two days in a row that have the meter. */
function moved(lines: readonly BilledLine[], deployment: string, meterName: string): Plan | undefined {
  const found = linesOf(lines, deployment, meterName);
  for (const [index, line] of found.entries()) {
    const next = found[index + 1];
    if (next === undefined || Date.parse(next.day) - Date.parse(line.day) !== DAY_MS || line.quantity < 5n) continue;
    const quantity = (line.quantity * 2n) / 5n;
    return {
      quantity,
      lines: [
        { ...line, quantity: line.quantity - quantity },
        { ...next, quantity: next.quantity + quantity },
      ],
    };
  }
  return undefined;
}

function linesOf(lines: readonly BilledLine[], deployment: string, meterName: string): BilledLine[] {
  return lines
    .filter((line) => line.deployment === deployment && line.meter.name === meterName)
    .sort((a, b) => (a.day < b.day ? -1 : 1));
}

function idOf({ account, deployment, meter, day }: BilledLine): string {
  return `${account}|${deployment}|${meter.name}|${day}`;
}
