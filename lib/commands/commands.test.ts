import { describe, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { listAttributionRules } from "../db/attribution-rules.ts";
import { findBrokenAudit, listAudit } from "../db/audit-log.ts";
import { listBudgets } from "../db/budgets.ts";
import { listOutbox } from "../db/outbox.ts";
import { listSavedQueries } from "../db/saved-queries.ts";
import { openSealer } from "../db/secrets.ts";
import { readBillingStartDay } from "../db/settings.ts";
import { openState } from "../db/state.ts";
import { type DialectUnderTest, describeOnBothDialects } from "../db/testing/both-dialects.ts";
import { toInstant } from "../time/instant.ts";
import type { FiscalStart, ZoneId } from "../time/zone.ts";
import { answerCommand } from "./answer-command.ts";
import { saveAttributionRules } from "./attribution-rules.ts";
import { createBudget, deleteBudget, editBudget } from "./budgets.ts";
import { createChannel, deleteChannel, listChannelViews, sendTest } from "./channels.ts";
import { InputError, NotFoundError } from "./command-context.ts";
import { forgetQuery, saveQuery } from "./saved-queries.ts";
import { updateSettings } from "./settings.ts";

const NOW = toInstant("2026-11-21T09:00:00Z");
const VIEWER = { ...LOCAL_ADMINISTRATOR, id: "viewer", role: "viewer" as const };
const DEFAULTS = { zone: "Europe/Berlin" as ZoneId, fiscalStart: "04-01" as FiscalStart, theme: "system" as const };

const INPUT = { name: "Search", scope: { kind: "team", team: "search" }, amount: "1234.56", period: "month" };

async function contextOf(under: DialectUnderTest) {
  return { state: await under.open(), now: NOW, defaults: DEFAULTS, currency: "USD" };
}

const fieldsOf = (error: unknown) => (error instanceof InputError ? error.fields : { unexpected: String(error) });

await describeOnBothDialects("commands", (under) => {
  test("keep queries for oneself or for everyone, replace one of the same name, and remove only one's own", async () => {
    const context = await contextOf(under);
    const other = { ...LOCAL_ADMINISTRATOR, id: "other", name: "Other" };
    await saveQuery(LOCAL_ADMINISTRATOR, context, { name: " Mine ", kql: "print 1" });
    await saveQuery(LOCAL_ADMINISTRATOR, context, { name: "Ours", kql: "print 2", isShared: true });
    const [mine, ours] = await saveQuery(LOCAL_ADMINISTRATOR, context, { name: "Mine", kql: "print 3" });
    expect(mine).toMatchObject({ name: "Mine", kql: "print 3", isShared: false });
    expect(await listSavedQueries(context.state.db, "other")).toEqual([ours]);
    // A name is one's own: another person's query of the same name stands beside it.
    await saveQuery(other, context, { name: "Ours", kql: "print 4" });
    expect((await listSavedQueries(context.state.db, "other")).map(({ kql }) => kql).toSorted()).toEqual([
      "print 2",
      "print 4",
    ]);
    await expect(forgetQuery(other, context, ours?.id ?? "")).rejects.toThrow(NotFoundError);
    expect(await forgetQuery(LOCAL_ADMINISTRATOR, context, mine?.id ?? "")).toEqual([ours]);
    const actions = (await listAudit(context.state.db, 10)).map(({ action }) => action);
    expect(actions).toEqual(["query.delete", "query.create", "query.update", "query.create", "query.create"]);
    expect(await findBrokenAudit(context.state.db)).toBeNull();
  });

  test("refuse a query without a name or text, and a viewer", async () => {
    const context = await contextOf(under);
    const refused = await saveQuery(LOCAL_ADMINISTRATOR, context, { name: " ", kql: "\n" }).catch(fieldsOf);
    expect(refused).toEqual({ name: "Give the query a name.", kql: "There is no query to keep." });
    await expect(saveQuery(VIEWER, context, { name: "a", kql: "print 1" })).rejects.toThrow("save a query");
    expect(await listSavedQueries(context.state.db, VIEWER.id)).toEqual([]);
  });

  test("create a budget with the usual thresholds, in the zone and fiscal year of the settings", async () => {
    const context = await contextOf(under);
    const budget = await createBudget(LOCAL_ADMINISTRATOR, context, INPUT);
    expect(budget).toMatchObject({
      amount: 1_234_560_000_000_000n,
      zone: "Europe/Berlin",
      fiscalStart: "04-01",
      revision: 1,
    });
    expect(budget.thresholds.map(({ basis, percent }) => `${basis} ${percent}`)).toEqual([
      "actual 50",
      "actual 80",
      "actual 100",
      "forecast 100",
    ]);
    expect(await listBudgets(context.state.db)).toEqual([budget]);
    const [entry] = await listAudit(context.state.db, 1);
    expect(entry).toMatchObject({
      actorId: "local-administrator",
      action: "budget.create",
      subjectId: budget.id,
      before: null,
    });
  });

  test("a new amount is a new revision with the same thresholds; a new name is not", async () => {
    const context = await contextOf(under);
    const budget = await createBudget(LOCAL_ADMINISTRATOR, context, INPUT);
    const renamed = await editBudget(LOCAL_ADMINISTRATOR, context, budget.id, { ...INPUT, name: "Find" });
    expect([renamed.name, renamed.revision]).toEqual(["Find", 1]);
    const raised = await editBudget(LOCAL_ADMINISTRATOR, context, budget.id, { ...INPUT, amount: "2000" });
    expect([raised.revision, raised.thresholds.map(({ id }) => id)]).toEqual([
      2,
      budget.thresholds.map(({ id }) => id),
    ]);
    const fewer = await editBudget(LOCAL_ADMINISTRATOR, context, budget.id, {
      ...INPUT,
      amount: "2000",
      thresholds: [{ basis: "actual", percent: 80 }],
    });
    expect([fewer.revision, fewer.thresholds.map(({ id }) => id)]).toEqual([3, [budget.thresholds[1]?.id]]);
    expect(await findBrokenAudit(context.state.db)).toBeNull();
  });

  test("delete a budget once", async () => {
    const context = await contextOf(under);
    const budget = await createBudget(LOCAL_ADMINISTRATOR, context, INPUT);
    await deleteBudget(LOCAL_ADMINISTRATOR, context, budget.id);
    await expect(deleteBudget(LOCAL_ADMINISTRATOR, context, budget.id)).rejects.toThrow(NotFoundError);
    expect(await listBudgets(context.state.db)).toEqual([]);
  });

  test("refuse a viewer before anything is read or written", async () => {
    const context = await contextOf(under);
    await expect(createBudget(VIEWER, context, "nonsense")).rejects.toThrow(
      "Only an administrator may create a budget.",
    );
    await expect(updateSettings(VIEWER, context, {})).rejects.toThrow("Only an administrator may change the settings.");
    expect(await listAudit(context.state.db, 10)).toEqual([]);
  });

  test("change only the settings that are named", async () => {
    const context = await contextOf(under);
    expect(await updateSettings(LOCAL_ADMINISTRATOR, context, { zone: "Asia/Kolkata" })).toEqual({
      ...DEFAULTS,
      zone: "Asia/Kolkata",
    });
    expect(await updateSettings(LOCAL_ADMINISTRATOR, context, { theme: "dark" })).toEqual({
      ...DEFAULTS,
      zone: "Asia/Kolkata",
      theme: "dark",
    });
    const wrong = await updateSettings(LOCAL_ADMINISTRATOR, context, { zone: "Mars/Base" }).catch(fieldsOf);
    expect(wrong).toEqual({ zone: "Write an IANA time zone such as Europe/Berlin." });
    expect(await updateSettings(LOCAL_ADMINISTRATOR, context, { billingStartDay: "31" })).toEqual({
      ...DEFAULTS,
      zone: "Asia/Kolkata",
      theme: "dark",
      billingStartDay: 31,
    });
    for (const billingStartDay of [0, "0", 32, "32", 1.5, "", "last"])
      expect(await updateSettings(LOCAL_ADMINISTRATOR, context, { billingStartDay }).catch(fieldsOf)).toEqual({
        billingStartDay: "Write the day of the month on which the billing period starts, from 1 to 31.",
      });
    expect(await readBillingStartDay(context.state.db)).toBe(31);
  });

  test("hash a caller's id before a rule is stored, and leave a hash as it is", async () => {
    const context = await contextOf(under);
    const clear = "6E1F3A52-0000-4000-8000-000000000001";
    const [rule] = await saveAttributionRules(LOCAL_ADMINISTRATOR, context, [
      { kind: "caller", value: clear, team: "search" },
    ]);
    expect(rule?.value).toMatch(/^[0-9a-f]{64}$/);
    const [again] = await saveAttributionRules(LOCAL_ADMINISTRATOR, context, [rule]);
    expect(again).toEqual(rule);
    const stored = await context.state.db.selectFrom("attribution_rule").select("definition").execute();
    const audited = await context.state.db.selectFrom("audit_log").select("after").execute();
    expect(JSON.stringify([stored, audited]).toLowerCase()).not.toContain(clear.toLowerCase());
    expect(await listAttributionRules(context.state.db)).toHaveLength(1);
  });

  test("add a channel, show its secret once and its address never, and send a test through the outbox", async () => {
    const base = await contextOf(under);
    const sealer = await openSealer(base.state, undefined, NOW);
    const context = { ...base, sealer, policy: { allowsHttp: false, ports: [443], testReceivers: [] } };
    const { channel, secret } = await createChannel(LOCAL_ADMINISTRATOR, context, {
      name: "Ops",
      url: "https://hooks.example.com/T0/secret-path",
    });
    expect(secret).toMatch(/^whsec_/);
    expect(await listChannelViews(LOCAL_ADMINISTRATOR, context)).toEqual([channel]);
    expect(channel).toEqual({
      id: channel.id,
      name: "Ops",
      kind: "webhook",
      host: "hooks.example.com",
      state: "active",
      disabledReason: null,
    });
    await sendTest(LOCAL_ADMINISTRATOR, context, channel.id);
    expect((await listOutbox(base.state.db, 10)).map(({ kind, state }) => [kind, state])).toEqual([["test", "queued"]]);
    const audited = JSON.stringify(await base.state.db.selectFrom("audit_log").select(["before", "after"]).execute());
    expect(audited).not.toContain("secret-path");
    expect(audited).not.toContain(secret);
    await deleteChannel(LOCAL_ADMINISTRATOR, context, channel.id);
    expect((await listOutbox(base.state.db, 10)).map(({ state }) => state)).toEqual(["cancelled"]);
    const inside = await createChannel(LOCAL_ADMINISTRATOR, context, {
      name: "In",
      url: "https://169.254.169.254/",
    }).catch(fieldsOf);
    expect(inside).toEqual({ url: "The address points into a network that this server does not send to." });
  });
});

describe("createBudget", () => {
  test.each([
    ["no name", { name: "  " }, { name: "Give the budget a name." }],
    ["an amount with a comma", { amount: "1,234" }, { amount: "Write the amount as a decimal such as 1234.56." }],
    ["a number for the amount", { amount: 12 }, { amount: "Write the amount as a decimal such as 1234.56." }],
    ["no amount at all", { amount: "0" }, { amount: "The amount must be more than zero." }],
    ["a negative amount", { amount: "-1" }, { amount: "The amount must be more than zero." }],
    ["a period that is not offered", { period: "week" }, { period: "Choose month, quarter or year." }],
    ["an unknown zone", { zone: "Mars" }, { zone: "Write an IANA time zone such as Europe/Berlin." }],
    [
      "a fiscal start that is no day",
      { fiscalStart: "13-01" },
      { fiscalStart: "Write the first day of the fiscal year as MM-DD, such as 04-01." },
    ],
    [
      "a scope of another kind",
      { scope: { kind: "planet" } },
      { "scope.kind": "Choose what the budget counts: everything, a team, a deployment or a model." },
    ],
    [
      "a deployment without its account",
      { scope: { kind: "deployment", deployment: "chat" } },
      { "scope.deployment": "Choose a deployment, written account/deployment." },
    ],
    [
      "a threshold of 0 %",
      { thresholds: [{ basis: "actual", percent: 0 }] },
      { "thresholds.0.percent": "A threshold starts at 1 %." },
    ],
    [
      "half a per cent",
      { thresholds: [{ basis: "actual", percent: 1.5 }] },
      { "thresholds.0.percent": "Write the threshold as a whole number of per cent." },
    ],
    [
      "the same threshold twice",
      {
        thresholds: [
          { basis: "actual", percent: 50 },
          { basis: "actual", percent: 50 },
        ],
      },
      { "thresholds.1.percent": "The threshold actual 50 % is there twice." },
    ],
  ])("refuse a budget with %s, by field", async (_name, change, fields) => {
    const state = await openState({ sqlitePath: ":memory:" });
    const context = { state, now: NOW, defaults: DEFAULTS, currency: "USD" };
    expect(await createBudget(LOCAL_ADMINISTRATOR, context, { ...INPUT, ...change }).catch(fieldsOf)).toEqual(fields);
    expect(await listBudgets(state.db)).toEqual([]);
    await state.close();
  });
});

describe("answerCommand", () => {
  const request = (headers: Record<string, string>, body = "{}") =>
    new Request("http://ledger.local:3000/api/budgets", {
      method: "POST",
      headers: { host: "ledger.local:3000", "content-type": "application/json", ...headers },
      body,
    });
  const status = async (
    asked: Request,
    work: (body: unknown) => Promise<unknown> = async () => ({ ok: true }),
    appUrl?: string,
  ) => (await answerCommand(asked, appUrl, work)).status;

  test.each([
    ["the same origin", { origin: "http://ledger.local:3000", "sec-fetch-site": "same-origin" }, 200],
    ["a program without a browser", {}, 200],
    ["another site", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }, 403],
    ["a sibling host", { origin: "http://other.local:3000", "sec-fetch-site": "same-site" }, 403],
    ["an old browser on another site", { origin: "https://evil.example" }, 403],
    ["an opaque origin", { origin: "null" }, 403],
    ["another port", { origin: "http://ledger.local:3001" }, 403],
  ])("%s", async (_name, headers, expected) => {
    expect(await status(request(headers))).toBe(expected);
  });

  test("knows its public address behind a proxy", async () => {
    const asked = request({ origin: "https://ledger.example.com", "sec-fetch-site": "same-origin" });
    expect(await status(asked, async () => null, "https://ledger.example.com")).toBe(200);
  });

  test.each([
    ["what a person wrote", new InputError({ name: "Give the budget a name." }), 400],
    ["what is not there", new NotFoundError("gone"), 404],
  ])("answers %s by its status", async (_name, error, expected) => {
    const answer = await answerCommand(request({}), undefined, async () => {
      throw error;
    });
    expect(answer.status).toBe(expected);
    expect(await answer.json()).toMatchObject({ error: error.message });
  });

  test("refuses what is not JSON", async () => {
    expect(await status(request({}, "{"))).toBe(400);
    expect(await status(request({ "content-type": "text/plain" }))).toBe(415);
  });
});
