import { describe, expect, test } from "vitest";
import { deploymentKey, deploymentPath } from "./page-path.ts";

describe("deploymentPath", () => {
  test.each([
    ["names account and deployment", "aoai-prod/chat", "/deployments/aoai-prod/chat"],
    ["encodes what a path cannot hold", "aoai prod/chat?", "/deployments/aoai%20prod/chat%3F"],
    ["keeps a place for a deployment that the logs did not tell", "aoai-prod/", "/deployments/aoai-prod/-"],
    ["keeps a place for an account that the logs did not tell", "/chat", "/deployments/-/chat"],
  ])("%s", (_name, key, path) => {
    expect(deploymentPath(key)).toBe(path);
    const [account = "", deployment = ""] = path.split("/").slice(2);
    expect(deploymentKey(account, deployment)).toBe(key);
  });
});
