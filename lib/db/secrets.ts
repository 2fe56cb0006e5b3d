import { randomBytes } from "node:crypto";
import type { Instant } from "../time/instant.ts";
import { createSealer, type Sealer } from "./sealer.ts";
import type { State } from "./state.ts";

/**
 * The key under which caller ids are hashed (HMAC-SHA-256) before they reach the ledger: 32 random bytes, made on the first
 * call and the same for ever after and for every replica.
 */
export async function callerHashKey(state: State, now: Instant): Promise<Buffer> {
  return secretBytes(state, "caller-hash-key", now);
}

/**
 * What seals secrets at rest: the key of the environment (32 bytes in base64), or, when none is set, a key kept beside them,
 * which guards against a glance but not against somebody who has the whole database.
 */
export async function openSealer(state: State, secretsKey: string | undefined, now: Instant): Promise<Sealer> {
  if (secretsKey === undefined) return createSealer(await secretBytes(state, "sealing-key", now));
  return createSealer(Buffer.from(secretsKey, "base64"));
}

async function secretBytes(state: State, name: string, now: Instant): Promise<Buffer> {
  return state.transaction(async (tx) => {
    await tx
      .insertInto("secret")
      .values({ name, value: randomBytes(32).toString("hex"), created_at: BigInt(now) })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .execute();
    const row = await tx.selectFrom("secret").select("value").where("name", "=", name).executeTakeFirstOrThrow();
    return Buffer.from(row.value, "hex");
  });
}
