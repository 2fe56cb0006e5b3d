/** The page of a deployment from its key, `account/deployment`. */
export function deploymentPath(key: string): string {
  const [account = "", ...name] = key.split("/");
  return `/deployments/${encodeURIComponent(account)}/${encodeURIComponent(name.join("/"))}`;
}

/** The page of a team. */
export function teamPath(team: string): string {
  return `/teams/${encodeURIComponent(team)}`;
}

/** The Query page with a question in its editor. */
export function queryPath(kql: string): string {
  return `/query?${new URLSearchParams({ q: kql })}`;
}
