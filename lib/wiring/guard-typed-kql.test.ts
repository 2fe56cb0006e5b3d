import { describe, expect, test } from "vitest";
import { guardTypedKql } from "./guard-typed-kql.ts";

const answer = JSON.stringify({
  tables: [
    {
      name: "PrimaryResult",
      columns: [
        { name: "DeploymentName", type: "string" },
        { name: "RequestMessages", type: "dynamic" },
        { name: "PromptTokens", type: "int" },
      ],
      rows: [["chat", "the secret prompt", 12]],
    },
  ],
});

describe("typed KQL towards a real workspace", () => {
  test.each([
    ["another workspace", 'workspace("x").AzureDiagnostics | take 1'],
    ["another cluster", "cluster('x').database('y').T"],
    ["external data", 'externaldata(a:string)["https://example.com/x"]'],
    ["a control command", ".show tables"],
    ["a column with prompts", "ApiManagementGatewayLlmLog | project RequestMessages"],
    ["a body", "ApiManagementGatewayLogs | where BackendResponseBody has 'x'"],
    ["a bag of all columns", "ApiManagementGatewayLlmLog | extend b = pack_all()"],
    ["the table of contents", "AppGenAIContent | take 1"],
  ])("refuses %s before anything is sent", async (_name, text) => {
    let wasAsked = false;
    const ask = guardTypedKql(async () => {
      wasAsked = true;
      return { status: 200, body: answer };
    });
    expect((await ask({ text })).status).toBe(400);
    expect(wasAsked).toBe(false);
  });

  test("takes prompt columns out of an answer that brought them by *", async () => {
    const { body } = await guardTypedKql(async () => ({ status: 200, body: answer }))({
      text: "ApiManagementGatewayLlmLog | take 1",
    });
    expect(body).not.toContain("secret prompt");
    expect(JSON.parse(body).tables[0]).toEqual({
      name: "PrimaryResult",
      columns: [
        { name: "DeploymentName", type: "string" },
        { name: "PromptTokens", type: "int" },
      ],
      rows: [["chat", 12]],
    });
  });

  test("leaves every other answer as it came", async () => {
    const body =
      '{"tables":[{"name":"PrimaryResult","columns":[{"name":"x","type":"long"}],"rows":[[9007199254740993]]}]}';
    expect((await guardTypedKql(async () => ({ status: 200, body }))({ text: "print x = 1" })).body).toBe(body);
  });
});
