import { z } from "zod";
import { type ArmClient, ArmError } from "./arm-client.ts";

/** What Cost Management is asked: a subscription, days from the first to the last, and what they are grouped by. */
export type CostQuestion = {
  /** `/subscriptions/…` */
  readonly scope: string;
  readonly firstDay: string;
  readonly lastDay: string;
  /** At most two, as the service allows. */
  readonly groupBy: readonly CostGroup[];
  readonly filters: readonly CostFilter[];
};

export type CostGroup =
  | { readonly type: "Dimension"; readonly name: "ResourceId" | "Meter" | "ChargeType" }
  | { readonly type: "TagKey"; readonly name: string };

export type CostFilter = {
  readonly name: "ServiceName" | "ChargeType" | "ResourceId";
  readonly values: readonly string[];
};

/** One row of an answer. Amounts are the texts of the wire; a group's value stands under its name. */
export type CostRow = {
  readonly day: string;
  readonly cost: string;
  readonly quantity: string;
  readonly currency: string;
  readonly groups: Readonly<Record<string, string>>;
};

const API_VERSION = "2025-03-01";
/** A page holds a thousand rows; more than this is a link that goes in a circle. */
const MOST_PAGES = 500;

const cell = z.union([z.string(), z.null()]);
const answerSchema = z.object({
  properties: z.object({
    nextLink: z.string().nullish(),
    columns: z.array(z.object({ name: z.string(), type: z.string() })),
    rows: z.array(z.array(cell)),
  }),
});

/** Asks the Query API and follows its pages. Columns are read by name. Throws an ArmError; a half-read answer is none. */
export async function queryCosts(arm: ArmClient, question: CostQuestion, signal?: AbortSignal): Promise<CostRow[]> {
  const body = bodyOf(question);
  const rows: CostRow[] = [];
  const seen = new Set<string>();
  let url: string | undefined = `${question.scope}/providers/Microsoft.CostManagement/query?api-version=${API_VERSION}`;
  while (url !== undefined) {
    if (seen.has(url) || seen.size >= MOST_PAGES)
      throw new ArmError("malformed", "The pages of a cost query do not end.");
    seen.add(url);
    const answer = answerSchema.safeParse(await arm.ask({ url, body, ...(signal ? { signal } : {}) }));
    if (!answer.success) {
      const where = answer.error.issues[0]?.path.join(".") ?? "";
      throw new ArmError("malformed", `The answer of a cost query cannot be read at ${where}.`);
    }
    const { columns, rows: page, nextLink } = answer.data.properties;
    rows.push(
      ...readPage(
        columns.map(({ name }) => name),
        page,
        question.groupBy,
      ),
    );
    url = nextLink || undefined;
  }
  return rows;
}

function bodyOf({ firstDay, lastDay, groupBy, filters }: CostQuestion): Readonly<Record<string, unknown>> {
  const dimensions = filters.map(({ name, values }) => ({ dimensions: { name, operator: "In", values } }));
  return {
    type: "ActualCost",
    timeframe: "Custom",
    timePeriod: { from: `${firstDay}T00:00:00Z`, to: `${lastDay}T23:59:59Z` },
    dataset: {
      granularity: "Daily",
      aggregation: {
        totalCost: { name: "Cost", function: "Sum" },
        quantity: { name: "UsageQuantity", function: "Sum" },
      },
      grouping: groupBy,
      filter: dimensions.length === 1 ? dimensions[0] : { and: dimensions },
    },
  };
}

function readPage(
  columns: readonly string[],
  rows: readonly (readonly (string | null)[])[],
  groupBy: readonly CostGroup[],
): CostRow[] {
  const at = (name: string) => {
    const index = columns.findIndex((column) => column.toLowerCase() === name.toLowerCase());
    if (index < 0)
      throw new ArmError("malformed", `The answer of a cost query has no column ${name}: ${columns.join(", ")}.`);
    return index;
  };
  const [cost, quantity, date, currency] = [at("Cost"), at("UsageQuantity"), at("UsageDate"), at("Currency")];
  // A tag comes as two columns, its key and its value.
  const groups = groupBy.map(({ type, name }) => ({ name, index: at(type === "TagKey" ? "TagValue" : name) }));
  return rows.map((row) => {
    const day = /^(\d{4})-?(\d{2})-?(\d{2})/.exec(row[date] ?? "");
    if (!day) throw new ArmError("malformed", `The answer of a cost query has the date "${row[date] ?? ""}".`);
    return {
      day: `${day[1]}-${day[2]}-${day[3]}`,
      cost: row[cost] ?? "",
      quantity: row[quantity] ?? "",
      currency: row[currency] ?? "",
      groups: Object.fromEntries(groups.map(({ name, index }) => [name, row[index] ?? ""])),
    };
  });
}
