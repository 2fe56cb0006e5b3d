const NAMES: Readonly<Record<string, string>> = {
  usage_log: "usage log",
  request_response: "request log",
  gateway: "gateway model log",
  gateway_log: "gateway log",
  span: "application spans",
  metric: "platform metrics",
};

/** A source in plain words. */
export function sourceName(source: string): string {
  return NAMES[source] ?? source;
}
