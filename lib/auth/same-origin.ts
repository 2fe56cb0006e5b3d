/**
 * Whether a request that changes something came from a page of this installation: a browser says so in `Sec-Fetch-Site`, an
 * older one in `Origin`. A request with neither header is not from a browser page and carries no cookies that a page could abuse.
 * `appUrl` is the public address when a proxy stands in front.
 */
export function isSameOrigin(
  request: { readonly url: string; readonly headers: Headers },
  appUrl: string | undefined,
): boolean {
  const origin = request.headers.get("origin");
  const host = request.headers.get("host");
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return false;
  if (origin === null) return true;
  if (!URL.canParse(origin)) return false;
  const allowed = [appUrl === undefined ? undefined : new URL(appUrl).host, host ?? new URL(request.url).host];
  return allowed.includes(new URL(origin).host);
}
