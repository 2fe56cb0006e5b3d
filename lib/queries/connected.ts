/**
 * Which tables the workspace has besides the accounts' own logs. A question must not name a table that does not exist:
 * the service refuses the whole query.
 */
export type Connected = { readonly gateway: boolean; readonly gatewayLlm: boolean; readonly spans: boolean };
