/** Addresses, URLs, paths and base64. An address is {'v': number, 'p': prefix length}; NULL when the text is none. */
export const netMacros: readonly string[] = [
  `CREATE OR REPLACE MACRO kql_octets(t) AS
     CASE WHEN regexp_full_match(t, '(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.|$)){4}') AND NOT ends_with(t, '.')
          THEN TRY_CAST(string_split(t, '.') AS BIGINT[]) END`,
  "CREATE OR REPLACE MACRO kql_mask4(v, p) AS (v >> (32 - p)) << (32 - p)",
  // The four octets and the prefix as numbers. Every text is bound to a name once: DuckDB expands macros as text.
  `CREATE OR REPLACE MACRO kql_ipv4(t) AS
     list_transform([trim(t)], lambda t_ip:
       list_transform([CASE WHEN regexp_full_match(t_ip, '(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.|$|/)){4}(?:3[0-2]|[12]?\\d)?') AND regexp_full_match(t_ip, '[\\d.]*\\d(?:/\\d+)?')
                            THEN TRY_CAST(regexp_extract_all(t_ip, '\\d+') AS BIGINT[]) END], lambda n_ip:
         CASE WHEN n_ip IS NOT NULL THEN
           {'v': kql_mask4(n_ip[1] * 16777216 + n_ip[2] * 65536 + n_ip[3] * 256 + n_ip[4], coalesce(n_ip[5], 32)), 'p': coalesce(n_ip[5], 32)} END)[1])[1]`,
  `CREATE OR REPLACE MACRO kql_ipv4_compare(a, b, p) AS
     list_transform([{'a': a, 'b': b, 'p': p}], lambda c_ip:
       CASE WHEN c_ip.a IS NOT NULL AND c_ip.b IS NOT NULL AND c_ip.p BETWEEN 0 AND 32 THEN
         list_transform([least(c_ip.a.p, c_ip.b.p, c_ip.p)], lambda p_ip: sign(kql_mask4(c_ip.a.v, p_ip) - kql_mask4(c_ip.b.v, p_ip))::BIGINT)[1] END)[1]`,
  "CREATE OR REPLACE MACRO kql_ipv4_text(v) AS concat_ws('.', v >> 24, (v >> 16) & 255, (v >> 8) & 255, v & 255)",
  `CREATE OR REPLACE MACRO kql_ipv4_private(a) AS
     list_transform([a], lambda a_private: CASE WHEN a_private IS NOT NULL THEN
       (a_private.p >= 8 AND a_private.v >> 24 = 10) OR (a_private.p >= 12 AND a_private.v >> 20 = 2753) OR (a_private.p >= 16 AND a_private.v >> 16 = 49320) END)[1]`,
  // Dotted numbers that stand alone between characters that are neither letters nor digits.
  `CREATE OR REPLACE MACRO kql_ipv4s_in(s) AS
     list_filter(regexp_extract_all(regexp_replace(s, '([^0-9a-zA-Z.])', '\\1\\1', 'g'), '(?:^|[^0-9a-zA-Z.])(\\d{1,3}(?:\\.\\d{1,3}){3})(?:[^0-9a-zA-Z.]|\\.?$|\\.[^0-9a-zA-Z])', 1),
       lambda t_found: kql_octets(t_found) IS NOT NULL)`,
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
