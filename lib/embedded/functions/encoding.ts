import type { ScalarFunction } from "./function-types.ts";
import { alias, argument, nth, plain } from "./rows.ts";

const encodeText = plain({
  name: "base64_encode_tostring",
  args: ["string"],
  gives: "string",
  sql: (s) => `to_base64(encode(${s}))`,
  note: "Of the text's UTF-8 bytes.",
});
const decodeText = plain({
  name: "base64_decode_tostring",
  args: ["string"],
  gives: "string",
  sql: (s) => `kql_base64_text(${s})`,
  note: "What is no base64 of UTF-8 gives the empty string.",
});

/** Hashes and encodings of texts. */
export const encodingFunctions: readonly ScalarFunction[] = [
  hash("hash_md5", (s) => `md5(${s})`),
  hash("hash_sha1", (s) => `sha1(${s})`),
  hash("hash_sha256", (s) => `sha256(${s})`),
  encodeText,
  alias("base64_encodestring", encodeText),
  decodeText,
  alias("base64_decodestring", decodeText),
  plain({
    name: "base64_decode_toarray",
    args: ["string"],
    gives: "dynamic",
    sql: (s) => `to_json(kql_base64_bytes(${s}))`,
    note: "The bytes as numbers; null for what is no base64.",
  }),
  plain({
    name: "base64_encode_fromarray",
    args: ["dynamic"],
    gives: "string",
    sql: (j) =>
      `coalesce(to_base64(from_hex(array_to_string(list_transform(kql_whole_numbers(${j}), lambda b_base: lpad(to_hex(b_base), 2, '0')), ''))), '')`,
    note: "The bytes as numbers; null gives the empty string.",
  }),
  plain({
    name: "base64_encode_fromguid",
    args: ["guid"],
    gives: "string",
    sql: (g) => `coalesce(to_base64(from_hex(kql_guid_hex(replace((${g})::VARCHAR, '-', '')))), '')`,
    note: "In the byte order of the service's guids.",
  }),
  plain({
    name: "base64_decode_toguid",
    args: ["string"],
    gives: "guid",
    sql: (s) => `TRY_CAST(nullif(kql_guid_hex(hex(TRY(from_base64(${s})))), '') AS UUID)`,
    note: "In the byte order of the service's guids; null for anything but 16 bytes.",
  }),
  plain({
    name: "url_encode",
    args: ["string"],
    gives: "string",
    sql: (s) => `replace(kql_url_encode(${s}), '%20', '+')`,
    note: "A space becomes +; letters, digits and - _ . ! * ( ) stay.",
  }),
  plain({
    name: "url_encode_component",
    args: ["string"],
    gives: "string",
    sql: (s) => `kql_url_encode(${s})`,
    note: "A space becomes %20; letters, digits and - _ . ! * ( ) stay.",
  }),
  plain({
    name: "url_decode",
    args: ["string"],
    gives: "string",
    sql: (s) => `url_decode(replace(${s}, '+', ' '))`,
    note: "A + becomes a space.",
  }),
  plain({
    name: "new_guid",
    args: [],
    gives: "guid",
    sql: () => "uuid()",
    isTotal: true,
    isVolatile: true,
    note: "A random guid.",
  }),
];

/** The service hashes other types by their own bytes, which are not documented. */
function hash(name: string, sql: (s: string) => string): ScalarFunction {
  return {
    name,
    arity: [1, 1],
    lower: (args, { refuse }) => {
      const value = nth(args, 0);
      const isText = value.type === "string" || value.type === "datetime";
      return isText ? sql(argument(value, "string")) : refuse("takes only a string or a datetime here");
    },
    isTotal: true,
    note: "Of a string, or of a datetime as `tostring` writes it; lower-case hexadecimal.",
    test: name,
  };
}
