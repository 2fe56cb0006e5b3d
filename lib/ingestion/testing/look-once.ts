// The process that the soak kills: `look-once.ts SEED CALLS LOOK LEDGER` prints "begun" before it looks and "done" after.
import { dirname } from "node:path";
import { openHistoryRoom } from "./follow-history.ts";
import { randomHistory } from "./random-history.ts";

const [seed, calls, look, path = ""] = process.argv.slice(2);
const history = randomHistory(Number(seed), Number(calls));
const at = history.looks[Number(look)];
if (at === undefined) throw new RangeError(`The history ${seed} has no look ${look}.`);
const room = await openHistoryRoom(dirname(path));
process.stdout.write("begun\n");
await room.lookOnce(history, at, path);
process.stdout.write("done\n");
await room.close();
