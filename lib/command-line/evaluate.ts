import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { createEvaluator } from "../evaluation/scheduled-evaluation.ts";
import { type Command, UsageError } from "./command.ts";

/** `npm run evaluate`: one evaluation and one delivery pass, for a scheduler outside; the summary is JSON on standard output. */
export const evaluateCommand: Command = {
  name: "evaluate",
  usage:
    "npm run evaluate\n\nEvaluates every budget once, sends what is due, and prints a JSON summary. Exit code 1 when something failed.",
  onMissingFolder: "empty",
  async run(args, io) {
    if (args.length > 0) throw new UsageError(`npm run evaluate takes no arguments, but got: ${args.join(" ")}.`);
    const runtime = await io.runtime();
    const evaluator = await createEvaluator(
      runtime,
      (error) =>
        io.err(`A delivery could not be recorded: ${error instanceof Error ? error.message : String(error)}\n`),
      LOCAL_ADMINISTRATOR,
    );
    io.err("Evaluating budgets…\n");
    const evaluation = await evaluator.evaluate();
    io.err("Delivering what is due…\n");
    const delivery = await evaluator.deliver();
    await io.out(`${JSON.stringify({ ...evaluation, delivery }, null, 2)}\n`);
    for (const { budget, message } of evaluation.failed)
      io.err(`The budget "${budget}" was not evaluated: ${message}\n`);
    if (evaluation.waiting.length > 0)
      io.err(`Not evaluated until the read-back is complete: ${evaluation.waiting.join(", ")}.\n`);
    return evaluation.failed.length > 0 || delivery.dead > 0 ? 1 : 0;
  },
};
