import { writeFile } from "node:fs/promises";
import { supportMatrix } from "../lib/embedded/support-matrix.ts";

// Writes docs/kql.md from the registries; a test fails while the file says something else.
await writeFile("docs/kql.md", supportMatrix());
