/** Addresses, URLs, paths and base64. An address is {'v': number, 'p': prefix length}; NULL when the text is none. */
export const netMacros: readonly string[] = [
  `CREATE OR REPLACE MACRO kql_octets(t) AS
     CASE WHEN regexp_full_match(t, '(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.|$)){4}') AND NOT ends_with(t, '.')
          THEN TRY_CAST(string_split(t, '.') AS BIGINT[]) END`,
  "CREATE OR REPLACE MACRO kql_octets_value(o) AS o[1] * 16777216 + o[2] * 65536 + o[3] * 256 + o[4]",
  `CREATE OR REPLACE MACRO kql_prefix(t, most) AS
     CASE WHEN contains(t, '/') THEN CASE WHEN TRY_CAST(split_part(t, '/', 2) AS INTEGER) BETWEEN 0 AND most THEN TRY_CAST(split_part(t, '/', 2) AS INTEGER) END
          ELSE most END`,
  "CREATE OR REPLACE MACRO kql_mask4(v, p) AS (v >> (32 - p)) << (32 - p)",
  `CREATE OR REPLACE MACRO kql_ipv4(t) AS
     CASE WHEN kql_octets(split_part(trim(t), '/', 1)) IS NOT NULL AND kql_prefix(trim(t), 32) IS NOT NULL
          THEN {'v': kql_mask4(kql_octets_value(kql_octets(split_part(trim(t), '/', 1))), kql_prefix(trim(t), 32)), 'p': kql_prefix(trim(t), 32)} END`,
  `CREATE OR REPLACE MACRO kql_ipv4_compare(a, b, p) AS
     CASE WHEN a IS NOT NULL AND b IS NOT NULL AND p BETWEEN 0 AND 32
          THEN sign(kql_mask4(a.v, least(a.p, b.p, p)) - kql_mask4(b.v, least(a.p, b.p, p)))::BIGINT END`,
  "CREATE OR REPLACE MACRO kql_ipv4_text(v) AS concat_ws('.', v >> 24, (v >> 16) & 255, (v >> 8) & 255, v & 255)",
  `CREATE OR REPLACE MACRO kql_ipv4_private(a) AS
     CASE WHEN a IS NOT NULL THEN (a.p >= 8 AND a.v >> 24 = 10) OR (a.p >= 12 AND a.v >> 20 = 2753) OR (a.p >= 16 AND a.v >> 16 = 49320) END`,
  // Dotted numbers that stand alone between characters that are neither letters nor digits.
  `CREATE OR REPLACE MACRO kql_ipv4s_in(s) AS
     list_filter(regexp_extract_all(regexp_replace(s, '([^0-9a-zA-Z.])', '\\1\\1', 'g'), '(?:^|[^0-9a-zA-Z.])(\\d{1,3}(?:\\.\\d{1,3}){3})(?:[^0-9a-zA-Z.]|\\.?$|\\.[^0-9a-zA-Z])', 1),
       lambda t_found: kql_octets(t_found) IS NOT NULL)`,
  `CREATE OR REPLACE MACRO kql_groups6(t) AS
     list_transform(string_split(CASE WHEN contains(t, '::')
         THEN trim(concat(split_part(t, '::', 1), ':', repeat('0:', 8 - len(regexp_extract_all(replace(t, '::', ':'), '[0-9a-fA-F]+'))), split_part(t, '::', 2)), ':')
         ELSE t END, ':'), lambda g_hex: TRY_CAST('0x' || g_hex AS BIGINT))`,
  // A dotted tail is written as two groups first.
  `CREATE OR REPLACE MACRO kql_plain6(t) AS
     CASE WHEN NOT contains(t, '.') THEN t
          WHEN kql_octets(regexp_extract(t, '[^:]*$')) IS NULL THEN ''
          ELSE concat(CASE WHEN contains(t, ':') THEN regexp_replace(t, '[^:]*$', '') ELSE '::ffff:' END,
             to_hex(kql_octets_value(kql_octets(regexp_extract(t, '[^:]*$'))) >> 16), ':', to_hex(kql_octets_value(kql_octets(regexp_extract(t, '[^:]*$'))) & 65535)) END`,
  `CREATE OR REPLACE MACRO kql_value6(g) AS
     CASE WHEN len(g) = 8 AND len(list_filter(g, lambda g_bad: g_bad IS NULL OR g_bad > 65535)) = 0
          THEN list_reduce(list_transform(g, lambda g_wide: g_wide::UHUGEINT), lambda g_sum, g_next: g_sum * 65536::UHUGEINT + g_next) END`,
  `CREATE OR REPLACE MACRO kql_prefix6(t) AS
     CASE WHEN contains(t, '/') AND NOT contains(t, ':') THEN kql_prefix(t, 32) + 96 ELSE kql_prefix(t, 128) END`,
  "CREATE OR REPLACE MACRO kql_mask6(v, p) AS CASE WHEN p = 0 THEN 0::UHUGEINT ELSE (v >> (128 - p)::UHUGEINT) << (128 - p)::UHUGEINT END",
  `CREATE OR REPLACE MACRO kql_ipv6(t) AS
     list_transform([{'v': kql_value6(kql_groups6(kql_plain6(split_part(trim(t), '/', 1)))), 'p': kql_prefix6(trim(t))}],
       lambda a_six: CASE WHEN a_six.v IS NOT NULL AND a_six.p IS NOT NULL THEN {'v': kql_mask6(a_six.v, a_six.p), 'p': a_six.p} END)[1]`,
  `CREATE OR REPLACE MACRO kql_ipv6_compare(a, b) AS
     CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN
       CASE WHEN kql_mask6(a.v, least(a.p, b.p)) > kql_mask6(b.v, least(a.p, b.p)) THEN 1
            WHEN kql_mask6(a.v, least(a.p, b.p)) < kql_mask6(b.v, least(a.p, b.p)) THEN -1 ELSE 0 END END`,
  `CREATE OR REPLACE MACRO kql_ipv6_text(v) AS
     array_to_string(list_transform(range(7, -1, -1), lambda i_six: lpad(lower(to_hex(((v >> (i_six * 16)::UHUGEINT) & 65535::UHUGEINT)::BIGINT)), 4, '0')), ':')`,
  // Lower-case percent codes, and ! * ( ) as they are.
  `CREATE OR REPLACE MACRO kql_url_encode(s) AS
     list_transform([string_split(url_encode(s), '%')], lambda l_url:
       replace(replace(replace(replace(replace(array_to_string(list_transform(l_url, lambda p_url, i_url:
         CASE WHEN i_url = 1 THEN p_url ELSE '%' || lower(p_url[1:2]) || p_url[3:] END), ''), '%21', '!'), '%2a', '*'), '%28', '('), '%29', ')'), '~', '%7e'))[1]`,
  // Each parameter once; what has no "=" is a key with an empty value.
  `CREATE OR REPLACE MACRO kql_query_parameters(q) AS
     kql_bag_of(kql_first_of_key(list_transform(list_filter(string_split(q, '&'), lambda p_blank: p_blank <> ''),
       lambda p_query: {'k': split_part(p_query, '=', 1), 'v': to_json(CASE WHEN contains(p_query, '=') THEN p_query[strpos(p_query, '=') + 1:] ELSE '' END)})))`,
  `CREATE OR REPLACE MACRO kql_url_parts(u) AS
     json_object('Scheme', u[1], 'Host', u[2], 'Port', u[3], 'Path', u[4], 'Username', u[5], 'Password', u[6], 'Query Parameters', kql_query_parameters(u[7]), 'Fragment', u[8])`,
  `CREATE OR REPLACE MACRO kql_parse_url(s) AS
     kql_url_parts(list_transform([
       '^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?//', '^[^?#]*?//(?:[^/?#@]*@)?(\\[[^\\]]*\\]|[^:/?#]*)', '^[^?#]*?//(?:[^/?#@]*@)?(?:\\[[^\\]]*\\]|[^:/?#]*):(\\d+)',
       '^(?:[^?#]*?//[^/?#]*)?([^?#]*)', '^[^?#]*?//([^:/?#@]*)(?::[^/?#@]*)?@', '^[^?#]*?//[^:/?#@]*:([^/?#@]*)@', '^[^?#]*\\?([^#]*)', '#(.*)$'],
       lambda r_url: regexp_extract(s, r_url, 1)))`,
  // Directory, file and stream of a path with either kind of slash.
  `CREATE OR REPLACE MACRO kql_parse_path(s) AS
     list_transform([regexp_replace(s, '^[a-zA-Z][a-zA-Z0-9+.-]+://', '')], lambda s_path:
       list_transform([{'dir': regexp_extract(s_path, '^(.*)[/\\\\][^/\\\\]*$', 1), 'file': regexp_extract(s_path, '[^/\\\\]*$')}], lambda p_path:
         json_object('Scheme', regexp_extract(s, '^([a-zA-Z][a-zA-Z0-9+.-]+)://', 1), 'RootPath', regexp_extract(s_path, '^(?:\\\\\\\\\\?\\\\)?([a-zA-Z]:)', 1),
           'DirectoryPath', p_path.dir, 'DirectoryName', regexp_extract(p_path.dir, '[^/\\\\]*$'),
           'Filename', split_part(p_path.file, ':', 1), 'Extension', regexp_extract(split_part(p_path.file, ':', 1), '\\.([^.]*)$', 1),
           'AlternateDataStreamName', regexp_extract(p_path.file, ':(.*)$', 1)))[1])[1]`,
  // .NET's order of a GUID's bytes: the first three groups are little-endian.
  `CREATE OR REPLACE MACRO kql_guid_hex(h) AS
     concat(h[7:8], h[5:6], h[3:4], h[1:2], h[11:12], h[9:10], h[15:16], h[13:14], h[17:32])`,
  "CREATE OR REPLACE MACRO kql_base64_text(t) AS coalesce(TRY(decode(from_base64(t))), '')",
  "CREATE OR REPLACE MACRO kql_base64_bytes(t) AS list_transform(range(octet_length(TRY(from_base64(t)))), lambda i_byte: ('0x' || hex(TRY(from_base64(t)))[2 * i_byte + 1:2 * i_byte + 2])::BIGINT)",
];
