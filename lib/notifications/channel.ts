export type ChannelId = string & { readonly __brand: "ChannelId" };

/**
 * Where notices go. `secrets` sign a webhook, newest first; two while one is being replaced.
 * A disabled channel keeps its queue and sends nothing.
 */
export type Channel = {
  readonly id: ChannelId;
  readonly name: string;
  readonly kind: "webhook";
  readonly url: string;
  readonly secrets: readonly string[];
  readonly state: "active" | "disabled";
  readonly disabledReason: string | null;
};
