import { DAY_MS, HOUR_MS, MINUTE_MS, quarterOf } from "./calendar.ts";
import type { DemoTeam } from "./workloads.ts";

export type IncidentKind =
  | "throttling_storm"
  | "content_filter_wave"
  | "runaway_key"
  | "model_switch"
  | "price_cut"
  | "slow_evening"
  | "endpoint_closed"
  | "log_hole"
  | "capacity_resize"
  | "deployment_recreated";

/** Something that happened, as the truth tells it: half-open in epoch milliseconds; a change has no end of its own. */
export type Incident = {
  readonly kind: IncidentKind;
  readonly account: string;
  /** Empty: the whole account. */
  readonly deployment: string;
  readonly teams: readonly DemoTeam[];
  readonly start: number;
  readonly end: number | null;
  readonly story: string;
};

/** Every planted incident of a demo that was created at `createdAt` (epoch milliseconds, a whole minute). */
export function incidentsOf(createdAt: number): readonly Incident[] {
  const ago = (days: number, hours = 0, minutes = 0) =>
    createdAt - days * DAY_MS - hours * HOUR_MS - minutes * MINUTE_MS;
  return [
    {
      kind: "throttling_storm",
      account: "aoai-prod-eus2",
      deployment: "chat-prod",
      teams: ["checkout", "marketing", "support"],
      start: ago(0, 1, 50),
      end: ago(0, 1, 5),
      story:
        "A campaign of marketing sends thirty large prompts a minute; the quota of 150,000 tokens a minute is shared.",
    },
    {
      kind: "slow_evening",
      account: "aoai-prod-swc",
      deployment: "chat-prod",
      teams: ["mobile", "support"],
      start: ago(2, 6),
      end: ago(2, 2),
      story: "Answers take four times as long; nothing fails.",
    },
    {
      kind: "content_filter_wave",
      account: "aoai-prod-eus2",
      deployment: "assistant-fast",
      teams: ["mobile", "support"],
      start: ago(3, 4),
      end: ago(3, 2),
      story: "Somebody tries jailbreak prompts through the public chat; a third of the prompts is blocked.",
    },
    {
      kind: "endpoint_closed",
      account: "aoai-data-eus",
      deployment: "",
      teams: ["data-platform", "risk"],
      start: ago(9, 7),
      end: ago(9, 4),
      story:
        "The public endpoint is closed before the private one is ready: direct callers get 403, the gateway gets through.",
    },
    {
      kind: "runaway_key",
      account: "aoai-labs-eus2",
      deployment: "sandbox",
      teams: [],
      start: ago(12, 16),
      end: ago(11, 20),
      story: "A script with a forgotten key runs through a night.",
    },
    {
      kind: "log_hole",
      account: "aoai-prod-swc",
      deployment: "",
      teams: ["checkout", "marketing", "mobile", "search", "support"],
      start: ago(15, 9),
      end: ago(15, 4),
      story: "The diagnostic setting is deleted and made again; gateway, spans and metrics go on.",
    },
    {
      kind: "model_switch",
      account: "aoai-prod-eus2",
      deployment: "agent-core",
      teams: ["checkout", "marketing"],
      start: quarterOf(ago(30)),
      end: null,
      story: "agent-core moves from gpt-4.1-mini to gpt-5.1.",
    },
    {
      kind: "deployment_recreated",
      account: "aoai-data-eus",
      deployment: "invoices",
      teams: ["data-platform", "risk"],
      start: quarterOf(ago(40)),
      end: quarterOf(ago(40)) + 30 * MINUTE_MS,
      story: "invoices is deleted and made again half an hour later as Data Zone standard.",
    },
    {
      kind: "capacity_resize",
      account: "aoai-prod-eus2",
      deployment: "core-ptu",
      teams: ["checkout"],
      start: quarterOf(ago(45)),
      end: null,
      story: "core-ptu grows from 15 to 20 PTU, because the daily rush spills over.",
    },
    {
      kind: "price_cut",
      account: "aoai-prod-eus2",
      deployment: "flagship",
      teams: ["risk", "search"],
      start: Date.UTC(2026, 8, 1),
      end: null,
      story: "gpt-5.6-sol costs a fifth less for input and a third less for output from 1 September 2026.",
    },
  ];
}

/** Calls that an incident adds, per minute at full scale, besides what the workload does anyway. */
export const EXTRA_DEMAND: Readonly<
  Partial<Record<IncidentKind, { readonly workload: string; readonly perMinute: number }>>
> = {
  throttling_storm: { workload: "marketing-copy", perMinute: 30 },
  content_filter_wave: { workload: "support-triage", perMinute: 4 },
  runaway_key: { workload: "lab-notebooks", perMinute: 6 },
};
