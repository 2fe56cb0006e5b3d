import { specify } from "./specify.testing.ts";

specify({
  hash: [
    ['tostring(hash("World"))', "1846988464401551951"],
    ['hash("World", 100)', 51],
    ["tostring(hash(datetime(2015-01-01)))", "1380966698541616202"],
    ['hash(strcat("abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz")) % 1', 0],
  ],
  hash_xxhash64: [['hash_xxhash64("World", 100)', 51]],
  hash_md5: [
    ['hash_md5("World")', "f5a7924e621e84c9280a9a27e1bcb7f6"],
    ["hash_md5(datetime(2020-01-01))", "786c530672d1f8db31fee25ea8a9390b"],
  ],
  hash_sha1: [['hash_sha1("World")', "70c07ec18ef89c5309bbb0937f3a6342411e1fdd"]],
  hash_sha256: [['hash_sha256("World")', "78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524"]],
  base64_encode_tostring: [['base64_encode_tostring("Kusto")', "S3VzdG8="]],
  base64_encodestring: [['base64_encodestring("Kusto")', "S3VzdG8="]],
  base64_decode_tostring: [
    ['base64_decode_tostring("S3VzdG8=")', "Kusto"],
    ['base64_decode_tostring("U3RyaW5n0KHR0tGA0L7Rh9C60LA=")', ""],
  ],
  base64_decodestring: [['base64_decodestring("S3VzdG8=")', "Kusto"]],
  base64_decode_toarray: [
    ['base64_decode_toarray("S3VzdG8=")', "[75,117,115,116,111]"],
    ['base64_decode_toarray("!")', null],
  ],
  base64_encode_fromarray: [["base64_encode_fromarray(dynamic([75,117,115,116,111]))", "S3VzdG8="]],
  base64_encode_fromguid: [
    ['base64_encode_fromguid(toguid("ae3133f2-6e22-49ae-b06a-16e6a9b212eb"))', "8jMxriJurkmwahbmqbIS6w=="],
  ],
  base64_decode_toguid: [['base64_decode_toguid("8jMxriJurkmwahbmqbIS6w==")', "ae3133f2-6e22-49ae-b06a-16e6a9b212eb"]],
  url_encode: [['url_encode("https://www.bing.com/hello world")', "https%3a%2f%2fwww.bing.com%2fhello+world"]],
  url_encode_component: [
    ['url_encode_component("https://www.bing.com/hello world")', "https%3a%2f%2fwww.bing.com%2fhello%20world"],
  ],
  url_decode: [['url_decode("https%3a%2f%2fwww.bing.com%2f")', "https://www.bing.com/"]],
  new_guid: [
    ["strlen(tostring(new_guid()))", 36],
    ["new_guid() == new_guid()", false],
  ],
  parse_url: [
    [
      'parse_url("scheme://username:password@host:1234/this/is/a/path?k1=v1&k2=v2#fragment")',
      '{"Scheme":"scheme","Host":"host","Port":"1234","Path":"/this/is/a/path","Username":"username","Password":"password","Query Parameters":{"k1":"v1","k2":"v2"},"Fragment":"fragment"}',
    ],
    ['parse_url("https://bing.com").Host', "bing.com"],
  ],
  parseurl: [['parseurl("https://bing.com/a").Path', "/a"]],
  parse_urlquery: [['parse_urlquery("k1=v1&k2=v2&k3=v3")', '{"Query Parameters":{"k1":"v1","k2":"v2","k3":"v3"}}']],
  parseurlquery: [['parseurlquery("a=1")', '{"Query Parameters":{"a":"1"}}']],
  extract_json: [
    ['extract_json("$.name", \'{"name": "John", "age": 30}\')', "John"],
    [
      'extract_json("$.hosts[1].AvailableMB", \'{"hosts":[{"AvailableMB":1},{"AvailableMB":1234}]}\', typeof(int))',
      1234,
    ],
    ["extract_json(\"$.x\", 'no json')", ""],
    [
      'extract_json("$.hosts[1].AvailableMB", \'{"hosts":[{"AvailableMB":1},{"AvailableMB":1234}]}\', typeof(int))',
      1234,
    ],
  ],
  extractjson: [['extractjson("$.a", \'{"a":"b"}\')', "b"]],
  parse_path: [
    [
      'parse_path(@"C:\\temp\\file.txt")',
      '{"Scheme":"","RootPath":"C:","DirectoryPath":"C:\\\\temp","DirectoryName":"temp","Filename":"file.txt","Extension":"txt","AlternateDataStreamName":""}',
    ],
    [
      'parse_path("file://C:/temp/file.txt:some.exe")',
      '{"Scheme":"file","RootPath":"C:","DirectoryPath":"C:/temp","DirectoryName":"temp","Filename":"file.txt","Extension":"txt","AlternateDataStreamName":"some.exe"}',
    ],
    [
      'parse_path("/usr/lib/temp/file.txt")',
      '{"Scheme":"","RootPath":"","DirectoryPath":"/usr/lib/temp","DirectoryName":"temp","Filename":"file.txt","Extension":"txt","AlternateDataStreamName":""}',
    ],
  ],
  parse_csv: [
    [
      'parse_csv(\'aa,"b,b,b",cc,"Escaping quotes: ""Title""","line1\\nline2"\')',
      '["aa","b,b,b","cc","Escaping quotes: \\"Title\\"","line1\\nline2"]',
    ],
    ["parse_csv('record1,a,b,c\\nrecord2,x,y,z')", '["record1","a","b","c"]'],
  ],
  parse_version: [
    ['parse_version("1.2.3.4")', "1000000020000000300000004"],
    ['parse_version("0.0.0.5") < parse_version("1.0.0.0")', true],
  ],
  parse_command_line: [
    ['parse_command_line(\'echo "hello world!" print$\', "windows")', '["echo","hello world!","print$"]'],
  ],
  format_bytes: [
    ["format_bytes(564)", "564 Bytes"],
    ["format_bytes(10332, 1)", "10.1 KB"],
    ["format_bytes(20010332)", "19 MB"],
    ["format_bytes(20010332, 2)", "19.08 MB"],
    ['format_bytes(20010332, 0, "KB")', "19541 KB"],
  ],
  parse_ipv4: [
    ["parse_ipv4('192.168.1.1')", 3232235777],
    ["parse_ipv4('192.168.1.1/24')", 3232235776],
    ["parse_ipv4('255.255.255.255/31')", 4294967294],
    ["parse_ipv4('256.1.1.1')", null],
  ],
  parse_ipv4_mask: [['parse_ipv4_mask("127.0.0.1", 24)', 2130706432]],
  ipv4_compare: [
    ["ipv4_compare('192.168.1.1/24', '192.168.1.255')", 0],
    ["ipv4_compare('192.168.1.1', '192.168.1.0', 31)", 0],
    ["ipv4_compare('192.168.1.1', '192.168.1.0')", 1],
  ],
  ipv4_is_match: [
    ["ipv4_is_match('192.168.1.1/30', '192.168.1.255/24')", true],
    ["ipv4_is_match('x', '192.168.1.255/24')", null],
  ],
  ipv4_is_private: [
    ["ipv4_is_private('10.1.2.3/24')", true],
    ["ipv4_is_private('202.1.2.3')", false],
  ],
  ipv4_is_in_range: [["ipv4_is_in_range('192.168.1.6', '192.168.1.1/24')", true]],
  ipv4_is_in_any_range: [
    ["ipv4_is_in_any_range('192.168.1.6', '127.0.0.1', '192.168.1.1/24')", true],
    ["ipv4_is_in_any_range('192.168.1.6', dynamic(['127.0.0.1', '10.0.0.1/8']))", false],
  ],
  ipv4_netmask_suffix: [["ipv4_netmask_suffix('192.168.1.1/24')", 24]],
  format_ipv4: [
    ["format_ipv4('192.168.1.1', 24)", "192.168.1.0"],
    ["format_ipv4('192.168.1.1/24', 32)", "192.168.1.0"],
    ["format_ipv4('192.168.1.1/24', long(-1))", ""],
    ["format_ipv4(3232236031, 24)", "192.168.1.0"],
  ],
  format_ipv4_mask: [["format_ipv4_mask('192.168.1.1', 24)", "192.168.1.0/24"]],
  has_ipv4: [
    ["has_ipv4('05:04:54 127.0.0.1 GET /favicon.ico 404', '127.0.0.1')", true],
    ["has_ipv4('05:04:54 127.0.0.256 GET', '127.0.0.256')", false],
    ["has_ipv4('05:04:54127.0.0.1 GET', '127.0.0.1')", false],
  ],
  has_ipv4_prefix: [
    ["has_ipv4_prefix('a 10.1.1.1, x', '10.1.')", true],
    ["has_ipv4_prefix('a 10.1.1.1, x', '10.1')", false],
  ],
  has_any_ipv4: [["has_any_ipv4('a 10.1.1.1, 10.1.1.2', '1.1.1.1', '10.1.1.2')", true]],
  has_any_ipv4_prefix: [["has_any_ipv4_prefix('a 10.1.1.1, x', dynamic(['127.', '10.1.']))", true]],
  parse_ipv6: [
    ["parse_ipv6('192.168.255.255')", "0000:0000:0000:0000:0000:ffff:c0a8:ffff"],
    ["parse_ipv6('192.168.255.255/24')", "0000:0000:0000:0000:0000:ffff:c0a8:ff00"],
    ["parse_ipv6('fe80::85d:e82c:9446:7994/120')", "fe80:0000:0000:0000:085d:e82c:9446:7900"],
    ["parse_ipv6('::1')", "0000:0000:0000:0000:0000:0000:0000:0001"],
    ["parse_ipv6('::ffff:10.0.0.1')", "0000:0000:0000:0000:0000:ffff:0a00:0001"],
    ["parse_ipv6('nope')", ""],
  ],
  ipv6_compare: [
    ["ipv6_compare('192.168.1.1/24', '::ffff:c0a8:01ff')", 0],
    ["ipv6_compare('fe80::85d:e82c:9446:7994', 'fe80::85d:e82c:9446:7998/120')", 0],
    ["ipv6_compare('fe80::85d:e82c:9446:7994', 'fe80::85d:e82c:9446:7998')", -1],
  ],
  ipv6_is_match: [
    ["ipv6_is_match('192.168.1.1', '::ffff:c0a8:0101')", true],
    ["ipv6_is_match('::1', '::2')", false],
    ["ipv6_is_match('x', '::2')", null],
  ],
  ipv6_is_in_range: [
    ["ipv6_is_in_range('a5e:f127:8a9d:146d:e102:b5d3:c755:abcd', 'a5e:f127:8a9d:146d:e102:b5d3:c755:0000/112')", true],
  ],
  ipv6_is_in_any_range: [
    ["ipv6_is_in_any_range('a5e:f127:8a9d:146d:e102:b5d3:c755:f6cd', '10.0.0.1/8', 'a5e:f127::/32')", true],
  ],
});
