import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/** Encrypts and decrypts a secret that belongs to one cell; a value moved to another cell does not open. */
export type Sealer = {
  readonly seal: (plain: string, cell: string) => string;
  readonly open: (sealed: string, cell: string) => string;
};

/**
 * AES-256-GCM under `key` (32 bytes) with a random 96-bit nonce; `cell` (table, row and column) is authenticated beside it.
 * A sealed value is `keyId.nonce.ciphertext.tag`, each part in base64url.
 */
export function createSealer(key: Buffer): Sealer {
  if (key.length !== 32) throw new RangeError("The key of secrets must have 32 bytes.");
  const keyId = createHash("sha256").update(key).digest("base64url").slice(0, 8);
  return {
    seal(plain, cell) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(cell));
      const text = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return [
        keyId,
        nonce.toString("base64url"),
        text.toString("base64url"),
        cipher.getAuthTag().toString("base64url"),
      ].join(".");
    },
    open(sealed, cell) {
      const [sealedBy, nonce = "", text = "", tag = ""] = sealed.split(".");
      if (sealedBy !== keyId)
        throw new Error(
          "A stored secret was sealed with another key. Set SECRETS_KEY to the key that was in use before.",
        );
      const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64url"))
        .setAAD(Buffer.from(cell))
        .setAuthTag(Buffer.from(tag, "base64url"));
      return Buffer.concat([decipher.update(Buffer.from(text, "base64url")), decipher.final()]).toString("utf8");
    },
  };
}
