import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One POST as it arrived, and whether it was answered with success. */
export type Arrival = {
  readonly path: string;
  readonly key: string;
  readonly body: string;
  readonly isAccepted: boolean;
};

/** What a receiver does with a message: takes it, or one of the faults that real receivers have. */
export type Behaviour = "accept" | "500" | "429" | "drop" | "accept_then_drop" | "hang";

export type RecordingReceiver = {
  /** `127.0.0.1:port`, also what the outgoing guard must be told. */
  readonly address: string;
  readonly arrivals: readonly Arrival[];
  readonly close: () => Promise<void>;
};

/**
 * A loopback receiver that writes down what arrives and behaves as `behave` says; `earlier` counts how often the same key came
 * before.
 */
export async function startReceiver(behave: (path: string, earlier: number) => Behaviour): Promise<RecordingReceiver> {
  const arrivals: Arrival[] = [];
  const counts = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request).catch(() => null);
    if (body === null) return;
    const path = request.url ?? "";
    const key = String(request.headers["idempotency-key"]);
    const earlier = counts.get(key) ?? 0;
    counts.set(key, earlier + 1);
    const behaviour = behave(path, earlier);
    const isAccepted = behaviour === "accept" || behaviour === "accept_then_drop";
    arrivals.push({ path, key, body, isAccepted });
    answer(behaviour, request, response);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answer(behaviour: Behaviour, request: IncomingMessage, response: ServerResponse): void {
  switch (behaviour) {
    case "accept":
      response.writeHead(204).end();
      return;
    case "500":
      response.writeHead(500).end("no");
      return;
    case "429":
      response.writeHead(429, { "retry-after": "1" }).end();
      return;
    case "drop":
    case "accept_then_drop":
      request.socket.destroy();
      return;
    case "hang":
      return;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
