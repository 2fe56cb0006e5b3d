// `npm run NAME -- ARGS`: executes one command, in the server that holds the data folder or here.
import { runFromTerminal } from "../lib/wiring/run-command.ts";

const [name = "", ...args] = process.argv.slice(2);
process.exitCode = await runFromTerminal(name, args);
// Handing over reads the standard input, and a pipe that stays open would keep a finished command alive.
process.stdin.destroy();
