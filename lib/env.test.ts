import { describe, expect, test } from "vitest";
import { checkServing, parseEnv } from "./env.ts";

const WORKSPACE = "6c1f0a52-3a0e-4a55-9a1c-2f5f3d9b7e10";
const ACCOUNT =
  "/subscriptions/9f0b5c1e-7d3e-4c57-8a53-0e5d1b7f6a21/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/aoai";

describe("parseEnv", () => {
  test("everything has a default", () => {
    expect(parseEnv({}, "/home/ledger")).toMatchObject({
      HOST: "127.0.0.1",
      PORT: 3000,
      REPORT_TIME_ZONE: "UTC",
      FISCAL_YEAR_START: "01-01",
      AZURE_CLOUD: "public",
      LOG_ANALYTICS_WORKSPACE_ID: [],
      dataDir: "/home/ledger/data",
    });
  });

  test("an empty variable is an unset one", () => expect(parseEnv({ PORT: "", DATA_DIR: "" }, "/x").PORT).toBe(3000));

  test("several workspaces, each with its roles", () => {
    const env = parseEnv(
      { LOG_ANALYTICS_WORKSPACE_ID: `${WORKSPACE}=logs,gateway;${WORKSPACE.replace("6c", "7d")}` },
      "/x",
    );
    expect(env.LOG_ANALYTICS_WORKSPACE_ID).toEqual([
      { workspaceId: WORKSPACE, roles: ["logs", "gateway"] },
      { workspaceId: WORKSPACE.replace("6c", "7d"), roles: ["logs", "gateway", "spans", "activity"] },
    ]);
  });

  test("a plain comma separates workspaces too", () => {
    const second = WORKSPACE.replace("6c", "7d");
    expect(
      parseEnv({ LOG_ANALYTICS_WORKSPACE_ID: `${WORKSPACE},${second}` }, "/x").LOG_ANALYTICS_WORKSPACE_ID,
    ).toHaveLength(2);
  });

  test.each([
    ["PORT", "65536"],
    ["PORT", "three thousand"],
    ["REPORT_TIME_ZONE", "Mars/Olympus"],
    ["FISCAL_YEAR_START", "13-01"],
    ["AZURE_CLOUD", "germany"],
    ["AUTH", "basic"],
    ["LOG_ANALYTICS_WORKSPACE_ID", "my-workspace"],
    ["LOG_ANALYTICS_WORKSPACE_ID", `${WORKSPACE}=everything`],
    ["AZURE_OPENAI_RESOURCE_IDS", "aoai-prod"],
    ["DATABASE_URL", "mysql://x"],
    ["REPORTING_CURRENCY", "dollars"],
    ["DEMO_NOW", "yesterday"],
    ["APP_URL", "ledger.example.com"],
  ])("%s=%s is refused in one sentence that names it", (name, value) => {
    expect(() => parseEnv({ [name]: value }, "/x")).toThrow(new RegExp(`^The variable ${name} cannot be used: .+\\.$`));
  });

  test("the demo's clock never meets a real workspace", () => {
    for (const azure of [{ LOG_ANALYTICS_WORKSPACE_ID: WORKSPACE }, { AZURE_OPENAI_RESOURCE_IDS: ACCOUNT }])
      expect(() => parseEnv({ DEMO_NOW: "2026-11-21T12:00:00Z", ...azure }, "/x")).toThrow("DEMO_NOW");
  });

  test("account ids are compared in lower case", () => {
    expect(parseEnv({ AZURE_OPENAI_RESOURCE_IDS: ACCOUNT }, "/x").AZURE_OPENAI_RESOURCE_IDS).toEqual([
      ACCOUNT.toLowerCase(),
    ]);
  });
});

describe("serving beyond this machine", () => {
  test.each([
    ["the demo on a network", { HOST: "0.0.0.0" }, undefined],
    ["a real workspace on loopback", { LOG_ANALYTICS_WORKSPACE_ID: WORKSPACE }, undefined],
    ["accounts without a workspace on a network", { AZURE_OPENAI_RESOURCE_IDS: ACCOUNT, HOST: "0.0.0.0" }, "HOST"],
    ["a real workspace on a network", { LOG_ANALYTICS_WORKSPACE_ID: WORKSPACE, HOST: "0.0.0.0" }, "HOST"],
    ["the same, said aloud", { LOG_ANALYTICS_WORKSPACE_ID: WORKSPACE, HOST: "0.0.0.0", AUTH: "none" }, undefined],
    ["sign-in, which is not built", { AUTH: "entra" }, "AUTH"],
    [
      "test receivers with a real workspace",
      { LOG_ANALYTICS_WORKSPACE_ID: WORKSPACE, TEST_RECEIVERS: "127.0.0.1:9" },
      "TEST_RECEIVERS",
    ],
    ["test receivers on a network", { HOST: "10.0.0.4", TEST_RECEIVERS: "127.0.0.1:9" }, "TEST_RECEIVERS"],
  ])("%s", (_name, variables, refused) => {
    const check = () => checkServing(parseEnv(variables, "/x"));
    if (refused === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(`The variable ${refused}`);
  });
});
