import { describe, expect, test } from "vitest";
import { operationOf } from "./operations.ts";
import { causeOf, gatewayCauseOf } from "./request-cause.ts";

describe("causeOf", () => {
  test.each([
    ["200", false, "ok"],
    ["399", false, "ok"],
    ["400", false, "client_error"],
    ["400", true, "content_filter"],
    ["401", false, "access_denied"],
    ["403", false, "access_denied"],
    ["404", false, "client_error"],
    ["404", true, "client_error"],
    ["408", false, "timeout"],
    ["429", false, "throttled"],
    ["499", false, "cancelled"],
    ["500", false, "server_error"],
    ["504", false, "timeout"],
    ["", false, "unknown"],
  ])("status %s (a filter is proved: %s) is %s", (status, provesFilter, cause) => {
    expect(causeOf(status, provesFilter)).toBe(cause);
  });

  test("a 429 that the gateway gives itself is its policy", () => {
    expect(gatewayCauseOf("429")).toBe("gateway_policy");
    expect(gatewayCauseOf("401")).toBe("access_denied");
  });
});

describe("operationOf", () => {
  test.each([
    ["ChatCompletions_Create", "chat", true],
    ["chatcompletions_CREATE", "chat", true],
    ["create_response", "responses", true],
    ["Embeddings_Create", "embeddings", true],
    ["Models_List", "management", false],
    ["Batches_Get", "management", false],
    ["SpeechToText_Transcribe", "unknown", false],
  ])("%s is %s", (name, group, isInference) => {
    expect(operationOf(name)).toMatchObject({ class: group, isInference });
  });
});
