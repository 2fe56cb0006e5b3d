import type { Settings } from "../db/settings.ts";
import type { State } from "../db/state.ts";
import type { Instant } from "../time/instant.ts";

/** What every command works on. `now` is when the person acted; `defaults` are the settings of the environment. */
export type CommandContext = {
  readonly state: State;
  readonly now: Instant;
  readonly defaults: Settings;
};

/** What a person wrote cannot be used; one message per field, keyed by its path (`amount`, `thresholds.0.percent`). */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly fields: Readonly<Record<string, string>>;

  constructor(fields: Readonly<Record<string, string>>) {
    super(Object.values(fields).join(" "));
    this.fields = fields;
  }
}

/** What a person wanted to change is not there (any more). */
export class NotFoundError extends Error {
  override readonly name = "NotFoundError";
}
