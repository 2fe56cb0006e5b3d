import type { MetricMinute, MetricSeriesName } from "../ledger/ledger.ts";
import type {
  MetricAggregation,
  MetricInterval,
  MetricSeries,
  Metrics,
  MetricsFailure,
  MetricsResult,
} from "../metrics/metrics.ts";
import { type Period, quarterHourOf } from "../time/instant.ts";
import type { AccountId, DeploymentName } from "../usage/usage-fact.ts";
import type { MetricTokens } from "../usage/usage-facts.ts";

/**
 * One family of metrics per figure: families that overlap are never added. Metrics with the same split and aggregation are one
 * question.
 */
const QUESTIONS: readonly Question[] = [
  {
    metrics: ["AzureOpenAIRequests"],
    aggregation: "total",
    splitBy: ["ModelDeploymentName", "StatusCode", "IsSpillover"],
  },
  { metrics: ["ProcessedPromptTokens", "GeneratedTokens"], aggregation: "total", splitBy: ["ModelDeploymentName"] },
  {
    metrics: ["RAIRejectedRequests", "RAIHarmfulRequests"],
    aggregation: "total",
    splitBy: ["ModelDeploymentName", "Category"],
  },
  {
    metrics: ["AzureOpenAITimeToResponse", "AzureOpenAIProvisionedManagedUtilizationV2"],
    aggregation: "average",
    splitBy: ["ModelDeploymentName"],
  },
];
const TOKENS: Question = {
  metrics: ["ProcessedPromptTokens", "GeneratedTokens"],
  aggregation: "total",
  splitBy: ["ModelDeploymentName"],
};
type Question = {
  readonly metrics: readonly string[];
  readonly aggregation: MetricAggregation;
  readonly splitBy: readonly string[];
};

/** Which accounts are read, and their regions where the inventory tells them. */
export type MeteredAccounts = {
  readonly ids: readonly AccountId[];
  readonly regionOf: (account: string) => string | undefined;
};

/** Asks a question of all accounts; those that lack one of its metrics are asked for each of them alone. */
async function ask(
  metrics: Metrics,
  question: Question,
  accounts: MeteredAccounts,
  about: { readonly period: Period; readonly interval: MetricInterval },
): Promise<MetricsResult[]> {
  const series = (resourceIds: readonly string[], metricNames: readonly string[]) =>
    metrics.series({
      ...about,
      resourceIds,
      metricNames,
      aggregation: [question.aggregation],
      splitBy: question.splitBy,
      regionOf: accounts.regionOf,
    });
  const together = await series(accounts.ids, question.metrics);
  if (question.metrics.length === 1) return [together];
  const lacking = together.failures.filter(({ code }) => code === "unknown_metric").map(({ resourceId }) => resourceId);
  if (lacking.length === 0) return [together];
  const others = { ...together, failures: together.failures.filter(({ code }) => code !== "unknown_metric") };
  return [others, ...(await Promise.all(question.metrics.map((name) => series(lacking, [name]))))];
}

/** Metric points per deployment, and the resources that could not be read. */
export type MetricRead = { readonly minutes: MetricMinute[]; readonly failures: readonly MetricsFailure[] };

/** Reads the per-deployment series of accounts that logs cannot give, at a resolution. */
export async function readMetricMinutes(
  metrics: Metrics,
  accounts: MeteredAccounts,
  within: Period,
  interval: MetricInterval,
): Promise<MetricRead> {
  const results = (
    await Promise.all(QUESTIONS.map((question) => ask(metrics, question, accounts, { period: within, interval })))
  ).flat();
  const minutes = new Map<string, MetricMinute>();
  for (const series of results.flatMap((result) => result.series)) addSeries(minutes, series);
  return { minutes: [...minutes.values()], failures: results.flatMap((result) => result.failures) };
}

/** Reads tokens per deployment and quarter hour; null when a resource could not be read for a reason that may pass. */
export async function readMetricTokens(
  metrics: Metrics,
  accounts: MeteredAccounts,
  within: Period,
): Promise<MetricTokens[] | null> {
  if (accounts.ids.length === 0) return [];
  const results = await ask(metrics, TOKENS, accounts, { period: within, interval: "PT15M" });
  if (results.some((result) => result.failures.some(mayPass))) return null;
  const tokens = new Map<string, MetricTokens>();
  for (const series of results.flatMap((result) => result.series)) {
    const deployment = deploymentOf(series);
    const account = series.resourceId.toLowerCase();
    for (const point of series.points) {
      const counted = BigInt(Math.round(point.total ?? 0));
      if (counted <= 0n || deployment === "") continue;
      const quarterHour = quarterHourOf(point.at);
      const key = `${quarterHour}/${account}/${deployment}`;
      const known = tokens.get(key);
      const isPrompt = series.metricName === "ProcessedPromptTokens";
      tokens.set(key, {
        quarterHour,
        account: account as AccountId,
        deployment,
        prompt: (known?.prompt ?? 0n) + (isPrompt ? counted : 0n),
        output: (known?.output ?? 0n) + (isPrompt ? 0n : counted),
      });
    }
  }
  return [...tokens.values()];
}

function mayPass(failure: MetricsFailure): boolean {
  return !["access_denied", "resource_not_found", "unknown_metric", "unknown_dimension"].includes(failure.code);
}

/** The deployment of a series; '' where the platform knew none, which it writes as `__Empty` (azure-telemetry: observed). */
function deploymentOf({ dimensions }: MetricSeries): DeploymentName {
  const name = dimensions.ModelDeploymentName ?? "";
  return (name === "__Empty" ? "" : name) as DeploymentName;
}

function addSeries(minutes: Map<string, MetricMinute>, series: MetricSeries): void {
  const deployment = deploymentOf(series);
  const account = series.resourceId.toLowerCase() as AccountId;
  for (const point of series.points) {
    const value = point.total ?? point.average;
    // A count of nothing is no row; a utilisation of nothing is an idle minute and belongs to the average.
    if (value === null || (value === 0 && point.total !== null)) continue;
    for (const { name, label } of namesOf(series)) {
      const key = `${point.at}/${account}/${deployment}/${name}/${label}`;
      const known = minutes.get(key);
      minutes.set(key, {
        minute: point.at,
        account,
        deployment,
        series: name,
        label,
        value: value + (known?.value ?? 0),
      });
    }
  }
}

function namesOf(series: MetricSeries): { name: MetricSeriesName; label: string }[] {
  switch (series.metricName) {
    case "AzureOpenAIRequests": {
      const status = series.dimensions.StatusCode ?? "";
      const names: MetricSeriesName[] = ["requests"];
      if (status === "429") names.push("throttled");
      else if (status.startsWith("4")) names.push("clientErrors");
      else if (status.startsWith("5")) names.push("serverErrors");
      if (/^(true|1|yes)$/i.test(series.dimensions.IsSpillover ?? "")) names.push("spilledOver");
      return names.map((name) => ({ name, label: status }));
    }
    case "ProcessedPromptTokens":
      return [{ name: "promptTokens", label: "" }];
    case "GeneratedTokens":
      return [{ name: "generatedTokens", label: "" }];
    case "RAIRejectedRequests":
      return [{ name: "rejectedByFilter", label: series.dimensions.Category ?? "" }];
    case "RAIHarmfulRequests":
      return [{ name: "harmful", label: series.dimensions.Category ?? "" }];
    case "AzureOpenAITimeToResponse":
      return [{ name: "latencyMs", label: "" }];
    case "AzureOpenAIProvisionedManagedUtilizationV2":
      return [{ name: "ptuUtilization", label: "" }];
    default:
      return [];
  }
}
