import { requireAdministrator } from "../auth/authorise.ts";
import type { Principal } from "../auth/principal.ts";
import type { CheckStatus, DoctorSources } from "../doctor/check.ts";
import type { Right } from "../doctor/rights.ts";
import { type DoctorReport, runDoctor } from "../doctor/run-doctor.ts";
import { formatTime } from "../format/format-time.ts";
import { getRuntime } from "../runtime.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import { azureConnection } from "../wiring/azure-clients.ts";

/** The doctor's report for a page: groups in the order in which a person should read them. */
export type DoctorView = {
  readonly status: DoctorReport["status"];
  readonly sentence: string;
  readonly madeAt: string;
  readonly groups: readonly { readonly status: CheckStatus; readonly checks: DoctorReport["checks"] }[];
  readonly rights: readonly Right[];
};

const STATUSES: readonly CheckStatus[] = ["fail", "warn", "ok", "skipped"];
/** Many who press at once get one answer, and nobody makes the checks more than six times a minute. */
const KEPT_MS = 10_000;

let last: { readonly of: object; readonly startedAt: number; readonly report: Promise<DoctorView> } | undefined;

/** Makes the checks of `npm run doctor`, or gives those that are being made or were just made. Administrators only. */
export async function loadDoctor(principal: Principal, given?: DoctorSources): Promise<DoctorView> {
  requireAdministrator(principal, "run the checks, because they name accounts and rights");
  const sources = given ?? (await doctorSources());
  const startedAt = performance.now();
  if (last && last.of === sources.ledger && startedAt - last.startedAt < KEPT_MS) return last.report;
  const report = runDoctor(sources).then((made) => viewOf(made, toInstant(Date.now())));
  last = { of: sources.ledger, startedAt, report };
  return report;
}

async function doctorSources(): Promise<DoctorSources> {
  const runtime = await getRuntime();
  return {
    ...runtime,
    azure: runtime.mode === "connected" ? azureConnection(runtime.env) : undefined,
    variables: process.env,
    productDir: process.cwd(),
  };
}

function viewOf({ status, checks, rights }: DoctorReport, at: Instant): DoctorView {
  const groups = STATUSES.map((wanted) => ({
    status: wanted,
    checks: checks.filter((check) => check.status === wanted),
  }));
  const count = (wanted: CheckStatus) => groups.find((group) => group.status === wanted)?.checks.length ?? 0;
  return {
    status,
    sentence: `${count("fail")} failed, ${count("warn")} to look at, ${count("ok")} fine, ${count("skipped")} not made.`,
    madeAt: formatTime(at, UTC),
    groups: groups.filter((group) => group.checks.length > 0),
    rights,
  };
}
