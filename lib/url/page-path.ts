/** What stands in a path for a half of the key that the logs did not tell; no account or deployment can have this name. */
const NOT_TOLD = "-";

/** The page of a deployment from its key, `account/deployment`. */
export function deploymentPath(key: string): string {
  const [account = "", ...name] = key.split("/");
  const [first, second] = [account, name.join("/")].map((half) => encodeURIComponent(half || NOT_TOLD));
  return `/deployments/${first}/${second}`;
}

/** The key of a deployment from the two segments of its page's path, as Next.js hands them over. */
export function deploymentKey(account: string, deployment: string): string {
  return [account, deployment]
    .map(decodeURIComponent)
    .map((half) => (half === NOT_TOLD ? "" : half))
    .join("/");
}

/** The page of a team. */
export function teamPath(team: string): string {
  return `/teams/${encodeURIComponent(team)}`;
}

/** The Query page with a question in its editor. */
export function queryPath(kql: string): string {
  return `/query?${new URLSearchParams({ q: kql })}`;
}
